import type { ChartData, DurationBar, Percentiles, Throughput, Tick } from '../page/chart-data.ts';
import { ROUND_DURATIONS, coarser, roundnessOf } from './durations.ts';
import type { Bucket } from './durations.ts';
import type { Period, RunReport } from './run-report.ts';
import { timelineOf } from './timeline.ts';
import type { TimesSummary } from './times.ts';
import { axisLabels, formatMs, formatRange, rateUnitOf } from './words.ts';

const MOST_BARS = 80;
const COLUMNS = 240;

/** What the charts of a page are drawn from. */
export function chartDataOf({ durations, period, runTimes, waitTimes }: RunReport): ChartData {
  return {
    durations: coarser(durations, MOST_BARS).map((bucket) => barOf(bucket)),
    throughput: period && throughputOf(period),
    percentiles: percentilesOf(runTimes, waitTimes),
  };
}

const barOf = ({ from, to, count }: Bucket): DurationBar => ({
  count,
  label: formatRange(from, to),
  edge: formatMs(from),
  rank: roundnessOf(from),
});

function throughputOf({ ends, pauses }: Period): Throughput {
  const { width, stretches } = timelineOf(ends, pauses, COLUMNS);
  const slots = stretches.flat();
  const label = axisLabels(slots[0]?.at ?? 0, slots.at(-1)?.at ?? 0);
  const perSecond = 1_000 / width;
  const { times, unit } = rateUnitOf(Math.max(...slots.map(({ ended }) => ended * perSecond)));
  const rate = (count: number): number => Number((count * perSecond * times).toPrecision(6));
  return {
    unit,
    columns: stretches.flatMap((stretch, i) => [
      ...(i === 0 ? [] : [{ label: '', ended: null, failed: null }]),
      ...stretch.map(({ at, ended, failed }) => ({ label: label(at), ended: rate(ended), failed: rate(failed) })),
    ]),
  };
}

function percentilesOf(run: TimesSummary | undefined, wait: TimesSummary | undefined): Percentiles | undefined {
  const curves = { run: run?.curve ?? [], wait: wait?.curve ?? [] };
  const longest = curves.run.length > curves.wait.length ? curves.run : curves.wait;
  if (longest.length === 0) return undefined;
  const points = longest.map(({ percent }, i) => {
    const at = { run: curves.run[i]?.ms, wait: curves.wait[i]?.ms };
    return {
      place: i,
      label: percent === 100 ? 'longest' : percentText(percent),
      run: onLogarithm(at.run),
      wait: onLogarithm(at.wait),
      runText: at.run === undefined ? '–' : formatMs(at.run),
      waitText: at.wait === undefined ? '–' : formatMs(at.wait),
    };
  });
  return { points, percents: percentTicks(longest), durations: ROUND_DURATIONS.map((ms) => tick(ms, formatMs(ms))) };
}

const tick = (place: number, label: string): Tick => ({ place, label });

/** A logarithmic axis has no 0: that is as short as can be measured. */
const onLogarithm = (ms: number | undefined): number | null => (ms === undefined ? null : Math.max(ms, 0.001));

/** So many digits that it is not 100 %. */
function percentText(percent: number): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(1 - percent / 100)) - 1);
  return `${Number(percent.toFixed(digits))} %`;
}

/** The percentiles that people name. */
function percentTicks(curve: TimesSummary['curve']): Tick[] {
  const named = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999];
  return named.flatMap((percent) => {
    const after = curve.findIndex((point) => point.percent >= percent - 1e-9);
    if (after < 0 || curve[after]?.percent === 100) return [];
    const [low, high] = [curve[after - 1]?.percent ?? 0, curve[after]?.percent ?? 0];
    const place =
      after === 0 || high === low ? after : after - (nines(high) - nines(percent)) / (nines(high) - nines(low));
    return [tick(place, percent === 0 ? 'shortest' : `p${percent}`)];
  });
}

const nines = (percent: number): number => -Math.log10(1 - percent / 100);
