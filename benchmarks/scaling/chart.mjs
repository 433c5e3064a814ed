// A picture of a run as SVG: arrivals, queue and workers over time.

import { toSvg } from '../kit/svg.mjs';

const WIDTH = 900;
const HEIGHT = 620;

/** Arrivals are counted in bins of so many ms. */
const BIN = 500;

// Colours that can be told apart also by those who see red and green alike (Okabe and Ito, 2008).
const COLORS = { arrivals: '#0072b2', queue: '#d55e00', busy: '#009e73', idle: '#a6d9c7', starting: '#e69f00' };
const INK = '#333333';

/** The SVG. */
export function draw({ load, seed, law, tasks, meter, trace, figures }) {
  return toSvg(
    { width: WIDTH, height: HEIGHT },
    {
      textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: INK },
      title: {
        text: `${load.title[0].toUpperCase()}${load.title.slice(1)} – ${law.title}`,
        subtext: caption(seed, figures),
        left: 16,
        top: 10,
        textStyle: { fontSize: 17, color: INK },
        subtextStyle: { fontSize: 13, color: '#555555' },
      },
      legend: {
        data: ['busy', 'idle', 'starting', 'a creation begins'],
        top: 304,
        left: 120,
        itemWidth: 14,
        itemHeight: 10,
        itemGap: 18,
        textStyle: { color: INK },
      },
      grid: [
        { left: 70, right: 30, top: 92, height: 80 },
        { left: 70, right: 30, top: 212, height: 80 },
        { left: 70, right: 30, top: 336, height: 220 },
      ],
      xAxis: [0, 1, 2].map((gridIndex) => ({
        type: 'value',
        gridIndex,
        min: 0,
        max: load.horizon / 1_000,
        name: gridIndex === 2 ? 'seconds' : '',
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: { color: INK },
        axisLabel: { show: gridIndex === 2, color: INK },
        axisLine: { onZero: true, lineStyle: { color: INK } },
        splitLine: { show: false },
      })),
      yAxis: ['arrivals, tasks/s', 'waiting tasks', 'workers'].map((name, gridIndex) => ({
        type: 'value',
        gridIndex,
        name,
        nameTextStyle: { align: 'left', padding: [0, 0, 0, -40], color: INK, fontWeight: 'bold' },
        minInterval: 1,
        splitNumber: 3,
        ...(gridIndex === 2 && {
          interval: 8,
          max: Math.ceil(Math.max(meter.peak, load.config.maxWorkerCount) / 8) * 8,
        }),
        axisLabel: { color: INK },
        splitLine: { lineStyle: { color: '#e5e5e5' } },
      })),
      series: [
        area('arrivals', 0, COLORS.arrivals, arrivalRates(tasks, load.horizon), { step: 'end' }),
        area(
          'queue',
          1,
          COLORS.queue,
          points(trace, ({ queued }) => queued),
        ),
        area(
          'busy',
          2,
          COLORS.busy,
          points(trace, ({ busy }) => busy),
          { stack: 'workers' },
        ),
        area('idle', 2, COLORS.idle, points(trace, idle), { stack: 'workers' }),
        area(
          'starting',
          2,
          COLORS.starting,
          points(trace, ({ starting }) => starting),
          {
            stack: 'workers',
            markLine: lines(load, figures),
          },
        ),
        {
          name: 'a creation begins',
          type: 'scatter',
          xAxisIndex: 2,
          yAxisIndex: 2,
          symbol: 'triangle',
          symbolSize: 5,
          symbolOffset: [0, 5],
          itemStyle: { color: INK },
          clip: false,
          data: meter.attempts.filter((at) => at < load.horizon).map((at) => [seconds(at), 0]),
        },
      ],
    },
  );
}

const seconds = (ms) => Number((ms / 1_000).toFixed(2));
const points = (trace, pick) => trace.samples.map((sample) => [seconds(sample.at), Number(pick(sample).toFixed(1))]);

/** Those being destroyed are counted here. */
const idle = ({ present, starting, busy }) => Math.max(0, present - starting - busy);

function caption(seed, { wait, cost, overOracle, creations, peak, best, throughput, running }) {
  if (best !== undefined) {
    return [
      `in the overload ${Math.round(throughput)} tasks/s, ${Math.round((throughput / best.throughput) * 100)} % of the best`,
      `${running.toFixed(1)} run, best ${best.knee}`,
      `cost ${Math.round(cost)} worker-seconds`,
      `seed ${seed}`,
    ].join('   ·   ');
  }
  const waited = wait === Infinity ? 'never' : `${Math.round(wait)} ms`;
  return [
    `p99 wait ${waited}`,
    `cost ${Math.round(cost)} worker-seconds, ${overOracle.toFixed(2)} × the oracle's`,
    `${creations} creations`,
    `peak ${peak}`,
    `seed ${seed}`,
  ].join('   ·   ');
}

function area(name, grid, color, data, more = {}) {
  return {
    name,
    type: 'line',
    xAxisIndex: grid,
    yAxisIndex: grid,
    symbol: 'none',
    lineStyle: { width: 1, color },
    itemStyle: { color },
    areaStyle: { color, opacity: grid === 2 ? 1 : 0.35 },
    ...(grid === 2 && { step: 'end', lineStyle: { width: 0 } }),
    data,
    ...more,
  };
}

/** The maximum, and the best number at a bottleneck. */
function lines({ config: { maxWorkerCount, tasksPerWorker = 1 } }, { best }) {
  return {
    silent: true,
    symbol: 'none',
    data: [
      line('maxWorkerCount', maxWorkerCount, '#cc0000'),
      ...(best === undefined ? [] : [line('best', best.knee / tasksPerWorker, INK)]),
    ],
  };
}

const line = (name, yAxis, color) => ({
  yAxis,
  lineStyle: { color, type: 'dashed', width: 1 },
  label: {
    formatter: `${name} ${yAxis}`,
    position: 'insideEndTop',
    color,
    textBorderColor: '#ffffff',
    textBorderWidth: 2,
  },
});

function arrivalRates(tasks, horizon) {
  const bins = Array.from({ length: Math.ceil(horizon / BIN) }, () => 0);
  for (const { at } of tasks) bins[Math.floor(at / BIN)]++;
  return [...bins.map((count, bin) => [seconds(bin * BIN), (count * 1_000) / BIN]), [seconds(horizon), 0]];
}
