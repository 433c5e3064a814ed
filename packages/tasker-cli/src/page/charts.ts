import type UPlot from 'uplot';
import type { ChartData, DurationBar, Percentiles, Throughput, Tick } from './chart-data.ts';

/** Draws the charts of a report, in the colours of the page, and anew whenever its scheme or its width changes. */

declare const uPlot: typeof UPlot;

const HEIGHT = 280;
/** What a label of an axis takes, in px. */
const LABEL = 72;

/** What differs between charts. */
interface Chart {
  readonly data: UPlot.AlignedData;
  readonly series: UPlot.Series[];
  /** The range of x. */
  readonly range: readonly [number, number];
  readonly ticks: (width: number) => readonly Tick[];
  readonly y: { readonly scale: UPlot.Scale; readonly axis: UPlot.Axis };
  /** Places of x where a pause was left out. */
  readonly pauses: readonly number[];
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function barSeries(label: string, size: number, fill: string, value: UPlot.Series.Value): UPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [size, 100] });
  return { label, ...(paths && { paths }), fill: () => colour(fill), width: 0, value };
}

/** An axis of numbers from 0. */
const COUNTED: UPlot.Scale = { range: (_, __, max) => [0, Math.max(max, 1e-9) * 1.05] };

function durationChart(durations: readonly DurationBar[]): Chart {
  const ticks = (width: number): Tick[] => {
    const ofRank = (most: number): Tick[] =>
      durations.flatMap(({ edge, rank }, i) => (rank <= most ? [{ place: i - 0.5, label: edge }] : []));
    return [2, 1, 0].map(ofRank).find(({ length }) => length * LABEL <= width) ?? [];
  };
  return {
    data: [durations.map((_, i) => i), durations.map(({ count }) => count)],
    series: [
      { label: 'took', value: (_, __, ___, i) => (i === null ? '–' : (durations[i]?.label ?? '–')) },
      barSeries('items', 0.92, 'accent', (_, count) => count ?? '–'),
    ],
    range: [-0.5, durations.length - 0.5],
    ticks,
    y: { scale: COUNTED, axis: {} },
    pauses: [],
  };
}

function throughputChart({ unit, columns }: Throughput): Chart {
  const rate = (_: UPlot, value: number | null): string =>
    value === null ? '–' : `${Number(value.toPrecision(3)).toLocaleString('en')}/${unit}`;
  return {
    data: [columns.map((_, i) => i), columns.map(({ ended }) => ended), columns.map(({ failed }) => failed)],
    series: [
      { label: 'from', value: (_, __, ___, i) => (i === null ? '–' : (columns[i]?.label ?? '–')) },
      barSeries('ended', 1, 'accent', rate),
      barSeries('of these failed', 1, 'failed', rate),
    ],
    range: [-0.5, columns.length - 0.5],
    ticks: (width) => {
      const step = Math.max(1, Math.ceil((columns.length * LABEL * 1.4) / width));
      return columns.flatMap(({ label }, i) => (i % step === 0 ? [{ place: i - 0.5, label }] : []));
    },
    y: {
      scale: COUNTED,
      axis: { values: (_, rates) => rates.map((value) => `${value.toLocaleString('en')}/${unit}`) },
    },
    pauses: columns.flatMap(({ ended }, i) => (ended === null ? [i] : [])),
  };
}

function percentileChart({ points, percents, durations }: Percentiles): Chart {
  const labels = new Map(durations.map(({ place, label }) => [place, label]));
  const places = durations.map(({ place }) => place);
  const text = (i: number | null, of: 'label' | 'runText' | 'waitText'): string =>
    i === null ? '–' : (points[i]?.[of] ?? '–');
  return {
    data: [points.map(({ place }) => place), points.map(({ run }) => run), points.map(({ wait }) => wait)],
    series: [
      { label: 'percentile', value: (_, __, ___, i) => text(i, 'label') },
      { label: 'run', stroke: () => colour('accent'), width: 2, value: (_, __, ___, i) => text(i, 'runText') },
      {
        label: 'wait',
        stroke: () => colour('second'),
        width: 2,
        dash: [6, 4],
        value: (_, __, ___, i) => text(i, 'waitText'),
      },
    ],
    range: [points[0]?.place ?? 0, points.at(-1)?.place ?? 1],
    ticks: (width) => (percents.length * LABEL > width ? percents.filter((_, i) => i % 2 === 0) : percents),
    y: {
      scale: {
        distr: 3,
        range: (_, min, max) => [
          places.findLast((place) => place <= min) ?? min,
          places.find((place) => place > max) ?? max * 2,
        ],
      },
      axis: {
        splits: (_, __, min, max) => places.filter((place) => place >= min && place <= max),
        filter: (_, splits) => splits,
        values: (_, splits) => splits.map((place) => labels.get(place) ?? ''),
      },
    },
    pauses: [],
  };
}

function optionsOf({ series, range, ticks, y, pauses }: Chart, width: number): UPlot.Options {
  const axis: UPlot.Axis = {
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { stroke: () => colour('line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const room = Math.max(1, width - 70);
  const splits = (min: number, max: number): readonly Tick[] =>
    ticks(room * ((range[1] - range[0]) / Math.max(max - min, 1e-9))).filter(
      ({ place }) => place >= min && place <= max,
    );
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false, auto: false, min: range[0], max: range[1] }, y: y.scale },
    series,
    axes: [
      {
        ...axis,
        splits: (_, __, min, max) => splits(min, max).map(({ place }) => place),
        values: (u) => splits(u.scales['x']?.min ?? range[0], u.scales['x']?.max ?? range[1]).map(({ label }) => label),
      },
      { ...axis, size: 70, ...y.axis },
    ],
    cursor: { points: { show: false }, y: false, drag: { x: true, y: false } },
    hooks: { draw: [(u) => drawPauses(u, pauses)] },
  };
}

/** A dashed line for each pause. */
function drawPauses({ ctx, bbox, valToPos }: UPlot, pauses: readonly number[]): void {
  ctx.save();
  ctx.strokeStyle = colour('muted');
  ctx.setLineDash([4, 4]);
  for (const pause of pauses) {
    const x = valToPos(pause, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** Keeps a chart in an element of the page. */
function show(id: string, chart: Chart | undefined): void {
  const place = document.getElementById(id);
  if (place === null || chart === undefined) return;
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

const { durations, throughput, percentiles } = JSON.parse(
  document.getElementById('chart-data')?.textContent ?? '',
) as ChartData;
if (durations.length > 0) show('durations', durationChart(durations));
if (throughput !== undefined) show('throughput', throughputChart(throughput));
if (percentiles !== undefined) show('percentiles', percentileChart(percentiles));
