import { formatMs } from '../basics/duration.ts';
import { rateUnitOf } from '../basics/numbers.ts';
import type { ChartData, DurationBars, Percentiles, RateColumn, Throughput, Tick } from '../page/chart-data.ts';
import { ROUND_DURATIONS, coarser, roundnessOf } from './durations.ts';
import type { Bucket } from './durations.ts';
import type { Slot } from './ends.ts';
import type { Period, RunReport } from './run-report.ts';
import { timelineOf } from './timeline.ts';
import type { TimesSummary } from './times.ts';
import { nextWidth } from './widths.ts';
import { axisLabels, formatRange } from './words.ts';

const MOST_BARS = 80;
const COLUMNS = 240;

/** What the charts of a page are drawn from. */
export function chartDataOf({ durations, period, runTimes, waitTimes }: RunReport): ChartData {
  return {
    durations: durations.length === 0 ? undefined : durationsOf(coarser(durations, MOST_BARS)),
    throughput: period && throughputOf(period),
    percentiles: percentilesOf(runTimes, waitTimes),
  };
}

function durationsOf(buckets: readonly Bucket[]): DurationBars {
  return {
    bars: buckets.map(({ from, to, count }) => ({ count, label: formatRange(from, to) })),
    ticks: buckets.map(({ from }, i) => ({ place: i - 0.5, label: formatMs(from), rank: roundnessOf(from) })),
  };
}

function throughputOf({ ends, pauses }: Period): Throughput {
  const { width, stretches } = timelineOf(ends, pauses, COLUMNS);
  const slots = stretches.flat();
  const label = axisLabels(slots[0]?.at ?? 0, slots.at(-1)?.at ?? 0);
  const perSecond = 1_000 / width;
  const { times, unit } = rateUnitOf(Math.max(...slots.map(({ ended }) => ended * perSecond)));
  const rate = (count: number): number => Number((count * perSecond * times).toPrecision(6));
  const column = ({ at, ended, failed }: Slot): RateColumn => ({
    label: label(at),
    ended: rate(ended),
    failed: rate(failed),
  });
  const PAUSE: RateColumn = { label: '', ended: null, failed: null };
  const steps = stepsFrom(width);
  const rankOf = (at: number): number => steps.length - 1 - steps.findLastIndex((step) => at % step === 0);
  let place = -1;
  return {
    unit,
    columns: stretches.flatMap((stretch, i) => [...(i === 0 ? [] : [PAUSE]), ...stretch.map((slot) => column(slot))]),
    ticks: stretches.flatMap((stretch) => {
      place += 0.5; // the pause before it, or half before the first
      const ticks = stretch.map(({ at }, i) => ({ place: place + i, label: label(at), rank: rankOf(at) }));
      place += stretch.length + 0.5;
      return ticks;
    }),
  };
}

/** Ever longer round durations, each a multiple of the one before. */
function stepsFrom(width: number): number[] {
  const steps = [width];
  for (let step = width; steps.length < 8; step = nextWidth(step, step)) steps.push(nextWidth(step, step));
  return steps;
}

function percentilesOf(run: TimesSummary | undefined, wait: TimesSummary | undefined): Percentiles | undefined {
  const curves = { run: run?.curve ?? [], wait: wait?.curve ?? [] };
  const longest = curves.run.length > curves.wait.length ? curves.run : curves.wait;
  if (longest.length === 0) return undefined;
  const points = longest.map(({ percent }, i) => {
    const at = { run: curves.run[i]?.ms, wait: curves.wait[i]?.ms };
    return {
      label: percent === 100 ? 'longest' : percentText(percent),
      run: onLogarithm(at.run),
      wait: onLogarithm(at.wait),
      runText: at.run === undefined ? '–' : formatMs(at.run),
      waitText: at.wait === undefined ? '–' : formatMs(at.wait),
    };
  });
  const durations = ROUND_DURATIONS.map((ms) => ({ place: ms, label: formatMs(ms), rank: roundnessOf(ms) }));
  return { points, ticks: percentTicks(longest), durations };
}

/** A logarithmic axis has no 0: that is as short as can be measured. */
const onLogarithm = (ms: number | undefined): number | null => (ms === undefined ? null : Math.max(ms, 0.001));

/** So many digits that it is not 100 %. */
function percentText(percent: number): string {
  const digits = Math.max(0, Math.ceil(nines(percent)) - 1);
  return `${Number(percent.toFixed(digits))} %`;
}

/** Percentiles that people name, and which of them to leave out first. */
const NAMED = [
  [50, 2],
  ...[90, 99.9, 99.999, 99.99999].map((percent) => [percent, 0] as const),
  ...[99, 99.99, 99.9999].map((percent) => [percent, 1] as const),
] as const;

function percentTicks(curve: TimesSummary['curve']): Tick[] {
  const places = curve.map(({ percent }) => nines(percent));
  return NAMED.flatMap(([percent, rank]) => {
    const nine = nines(percent);
    const after = places.findIndex((place) => place >= nine - 1e-9);
    const [low, high] = [places[after - 1], places[after]];
    if (low === undefined || high === undefined || high === Infinity) return [];
    return [{ place: after - (high - nine) / (high - low), label: `p${percent}`, rank }];
  });
}

const nines = (percent: number): number => -Math.log10(1 - percent / 100);
