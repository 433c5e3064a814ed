import type UPlot from 'uplot';
import type { ChartData, DurationBars, Percentiles, Throughput, Tick } from './chart-data.ts';

/** Draws the charts of a report, in the colours of the page, and anew whenever its scheme or its width changes. */

declare const uPlot: typeof UPlot;

const HEIGHT = 280;
/** Room of the labels of y, and that of one label of an axis, in px. */
const LEFT = 70;
const LABEL = { x: 76, y: 24 };

/** What differs between charts. */
interface Chart {
  readonly data: UPlot.AlignedData;
  readonly series: UPlot.Series[];
  /** Of x. */
  readonly ticks: readonly Tick[];
  /** Room before the first and behind the last place of x. */
  readonly margin: number;
  readonly y: { readonly scale: UPlot.Scale; readonly axis: UPlot.Axis };
  /** Places of x where a pause was left out. */
  readonly pauses: readonly number[];
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const placesOf = (list: readonly unknown[]): number[] => list.map((_, i) => i);

/** What the legend says where the pointer is. */
const legend = (label: string, text: (i: number) => string | undefined): UPlot.Series => ({
  label,
  value: (_, __, ___, i) => (i === null ? '–' : (text(i) ?? '–')),
});

function barSeries(series: UPlot.Series, size: number, fill: string): UPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [size, 100] });
  return { ...series, ...(paths && { paths }), fill: () => colour(fill), width: 0, points: { show: false } };
}

const lineSeries = (series: UPlot.Series, stroke: string, dash: number[]): UPlot.Series => ({
  ...series,
  stroke: () => colour(stroke),
  width: 2,
  dash,
  points: { show: false },
});

/** An axis of numbers from 0. */
const counted = (unit: string): Chart['y'] => ({
  scale: { range: (_, __, max) => [0, Math.max(max, 1e-9) * 1.05] },
  axis: { values: (_, numbers) => numbers.map((number) => number.toLocaleString('en') + unit) },
});

function durationChart({ bars, ticks }: DurationBars): Chart {
  const count = legend('items', (i) => bars[i]?.count.toLocaleString('en'));
  return {
    data: [placesOf(bars), bars.map(({ count }) => count)],
    series: [legend('took', (i) => bars[i]?.label), barSeries(count, 0.92, 'accent')],
    ticks,
    margin: 0.5,
    y: counted(''),
    pauses: [],
  };
}

function throughputChart({ unit, columns, ticks }: Throughput): Chart {
  const rate = (label: string, of: 'ended' | 'failed'): UPlot.Series =>
    legend(label, (i) => {
      const value = columns[i]?.[of];
      return typeof value === 'number' ? `${Number(value.toPrecision(3)).toLocaleString('en')}/${unit}` : undefined;
    });
  return {
    data: [placesOf(columns), columns.map(({ ended }) => ended), columns.map(({ failed }) => failed)],
    series: [
      legend('from', (i) => columns[i]?.label),
      barSeries(rate('ended', 'ended'), 1, 'accent'),
      barSeries(rate('of these failed', 'failed'), 1, 'failed'),
    ],
    ticks,
    margin: 0.5,
    y: counted(`/${unit}`),
    pauses: columns.flatMap(({ ended }, i) => (ended === null ? [i] : [])),
  };
}

function percentileChart({ points, ticks, durations }: Percentiles): Chart {
  const places = durations.map(({ place }) => place);
  return {
    data: [placesOf(points), points.map(({ run }) => run), points.map(({ wait }) => wait)],
    series: [
      legend('percentile', (i) => points[i]?.label),
      lineSeries(
        legend('run', (i) => points[i]?.runText),
        'accent',
        [],
      ),
      lineSeries(
        legend('wait', (i) => points[i]?.waitText),
        'second',
        [6, 4],
      ),
    ],
    ticks,
    margin: 0,
    y: {
      scale: {
        distr: 3, // oxlint-disable-line typescript/no-unsafe-enum-assignment -- its enum has no values in a declaration
        range: (_, min, max) => [
          places.findLast((place) => place <= min) ?? min / 2,
          places.find((place) => place > max) ?? max * 2,
        ],
      },
      axis: labelled(durations, 'y'),
    },
    pauses: [],
  };
}

/** An axis with labels, of which there are as many as there is room for. */
function labelled(ticks: readonly Tick[], scale: 'x' | 'y'): UPlot.Axis {
  const shown = (u: UPlot, min: number, max: number): readonly Tick[] => {
    const inside = ticks.filter(({ place }) => place >= min && place <= max);
    const room = (scale === 'x' ? u.width - LEFT : u.height) / LABEL[scale];
    const ranks = [...new Set(ticks.map(({ rank }) => rank))].toSorted((a, b) => b - a);
    const fitting = ranks.map((most) => inside.filter(({ rank }) => rank <= most));
    return fitting.find(({ length }) => length <= room) ?? fitting.at(-1)?.slice(0, 1) ?? [];
  };
  const labels = new Map(ticks.map(({ place, label }) => [place, label]));
  return {
    splits: (u, _, min, max) => shown(u, min, max).map(({ place }) => place),
    filter: (_, places) => places,
    values: (_, places) => places.map((place) => labels.get(place) ?? ''),
  };
}

function optionsOf({ data: [x], series, ticks, margin, y, pauses }: Chart, width: number): UPlot.Options {
  const axis: UPlot.Axis = {
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { stroke: () => colour('line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false, auto: false, min: -margin, max: x.length - 1 + margin }, y: y.scale },
    series,
    axes: [
      { ...axis, ...labelled(ticks, 'x') },
      { ...axis, size: LEFT, ...y.axis },
    ],
    cursor: { points: { show: false }, y: false, drag: { x: true, y: false } },
    hooks: { draw: [(u) => drawPauses(u, pauses)] },
  };
}

/** A dashed line for each pause. */
function drawPauses(u: UPlot, pauses: readonly number[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = colour('muted');
  ctx.setLineDash([4, 4]);
  for (const pause of pauses) {
    const x = u.valToPos(pause, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** Keeps a chart in an element of the page. */
function show(id: string, chart: Chart): void {
  const place = document.getElementById(id);
  if (place === null) return;
  let drawn: UPlot | undefined;
  const draw = (): void => {
    drawn?.destroy();
    drawn = new uPlot(optionsOf(chart, place.clientWidth), chart.data, place);
  };
  new ResizeObserver(() => {
    if (drawn?.width !== place.clientWidth) draw();
  }).observe(place);
  // The colours of a canvas and of a legend do not follow by themselves.
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', draw);
  draw();
}

const text = document.getElementById('chart-data')?.textContent ?? '{}';
const { durations, throughput, percentiles } = JSON.parse(text) as ChartData;
if (percentiles !== undefined) show('percentiles', percentileChart(percentiles));
if (durations !== undefined) show('durations', durationChart(durations));
if (throughput !== undefined) show('throughput', throughputChart(throughput));
