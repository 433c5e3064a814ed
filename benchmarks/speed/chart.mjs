// The throughput as a picture.

import { figureOf } from '../kit/figures.mjs';
import { toSvg } from '../kit/svg.mjs';
import { FLOOR, OURS } from './contestants.mjs';

const PANELS = [
  { title: '100,000 tasks at once', workload: 'once', case: '100,000' },
  { title: '64 clients in a loop', workload: 'loop', case: '64' },
];
const WIDTH = 920;
const ROW = 26;
const TOP = 92;
const NAMES = 172;
const GAP = 100;
const PANEL = (WIDTH - NAMES - PANELS.length * GAP) / PANELS.length;
const leftOf = (index) => NAMES + index * (PANEL + GAP);
/** Without quotes, which the renderer would put into an attribute as they are. */
const FONT = 'system-ui, -apple-system, Helvetica, Arial, sans-serif';
const INK = '#24292f';
const QUIET = '#6e7781';
const RIVAL = '#b6c2cf';
const COLORS = { [FLOOR]: '#dfe5eb', [OURS]: '#0969da' };

/** An SVG with a panel for each of two workloads: tasks per second of every contestant, the fastest on top. */
export function toChart(summaries, caption) {
  const panels = PANELS.map((panel) => ({
    ...panel,
    figure: (contestant) => figureOf(summaries, panel.workload, contestant, panel.case),
  }));
  const contestants = summaries[0].contestants
    .filter((name) => panels.at(-1).figure(name) !== undefined)
    .toSorted((a, b) => panels.at(-1).figure(a).value - panels.at(-1).figure(b).value);
  const height = TOP + contestants.length * ROW + 34;
  return toSvg(
    { width: WIDTH, height },
    {
      textStyle: { fontFamily: FONT, color: INK },
      title: [
        { text: 'Tasks per second on 8 resources', left: 16, top: 12, textStyle: { fontSize: 17, color: INK } },
        { text: caption, left: 16, top: height - 26, textStyle: { fontSize: 11, fontWeight: 'normal', color: QUIET } },
        ...panels.map(({ title }, index) => ({
          text: title,
          left: leftOf(index),
          top: TOP - 34,
          padding: 0,
          textStyle: { fontSize: 13, color: INK },
        })),
      ],
      grid: panels.map((_, index) => ({
        left: leftOf(index),
        width: PANEL,
        top: TOP - 8,
        height: contestants.length * ROW,
      })),
      xAxis: panels.map((_, gridIndex) => ({ type: 'value', gridIndex, show: false })),
      yAxis: panels.map((_, gridIndex) => ({
        type: 'category',
        gridIndex,
        inverse: true,
        data: contestants.map(nameOf),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          show: gridIndex === 0,
          color: INK,
          fontSize: 12,
          interval: 0,
          formatter: (name) => (name === OURS ? '{ours|tasker}' : name),
          rich: { ours: { fontWeight: 'bold', color: COLORS[OURS], fontSize: 12 } },
        },
      })),
      series: panels.map(({ figure }, index) => ({
        type: 'bar',
        xAxisIndex: index,
        yAxisIndex: index,
        barWidth: ROW - 9,
        data: contestants.map((contestant) => toBar(contestant, figure(contestant))),
      })),
    },
  );
}

const nameOf = (contestant) => (contestant === FLOOR ? 'by hand, no feature' : contestant);

function toBar(contestant, figure) {
  const perSecond = figure === undefined ? 0 : 1e6 / figure.value;
  return {
    value: perSecond,
    itemStyle: { color: COLORS[contestant] ?? RIVAL, borderRadius: 2 },
    label: {
      show: true,
      position: 'right',
      fontSize: 12,
      color: figure === undefined ? QUIET : INK,
      formatter: figure === undefined ? 'not run' : short(perSecond),
    },
  };
}

/** 1,234,567 as "1.23 M". */
function short(number) {
  if (number >= 1e6) return `${(number / 1e6).toFixed(2)} M`;
  if (number >= 1e3) return `${Math.round(number / 1e3)} k`;
  return String(Math.round(number));
}
