// What a run comes to, in numbers.

/** The value below or at which this part of the values lies (nearest rank); NaN counts as for ever. */
export function percentile(values, part) {
  const sorted = Float64Array.from(values, (value) => (Number.isNaN(value) ? Infinity : value)).toSorted();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

/**
 * The figures of a run; durations in ms, cost in worker-seconds. What a load does not ask for is undefined; what has not
 * happened is Infinity.
 */
export function figuresOf(load, { meter, tasks }) {
  return {
    response: percentile(
      meter.ends.map((end, index) => end - tasks[index].at),
      0.99,
    ),
    wait: percentile(meter.waits, 0.99),
    waits: waitsByPriority(tasks, meter.waits),
    cost: meter.cost,
    creations: meter.attempts.length,
    unused: meter.unused,
    peak: meter.peak,
    back: load.calm === undefined ? undefined : timeBack(load, tasks, meter),
    drained: percentile(meter.ends, 1),
    recovered: load.outage && timeTo(meter.successes, load.outage.to),
    ...(load.overload && {
      throughput: throughput(load, meter.ends),
      running: meanRunning(load, meter, tasks),
      open: openAtEnd(load, meter, tasks),
    }),
    left: meter.left,
    violations: [...meter.violations, ...lostTasks(meter, tasks)],
  };
}

/** The p99 wait of each priority, the highest first; undefined if there is only one. */
export function waitsByPriority(tasks, waits) {
  const priorities = [...new Set(tasks.map(({ priority }) => priority))].toSorted((a, b) => b - a);
  if (priorities.length < 2) return undefined;
  return priorities.map((priority) =>
    percentile(
      waits.filter((_, index) => tasks[index].priority === priority),
      0.99,
    ),
  );
}

/** From when the base workers suffice and earlier tasks are done, until no other worker is there; within the horizon. */
function timeBack(load, tasks, meter) {
  let from = load.calm;
  for (let index = 0; index < tasks.length && tasks[index].at <= load.calm; index++) {
    from = Math.max(from, Number.isNaN(meter.ends[index]) ? Infinity : meter.ends[index]);
  }
  const { workerCount } = load.config;
  const current = meter.changes.findLast(([at]) => at <= from);
  if (current[1] <= workerCount) return 0;
  const [at] = meter.changes.find(([instant, present]) => instant > from && present <= workerCount) ?? [Infinity];
  return at - from;
}

/** From `instant` to the next of `instants`. */
function timeTo(instants, instant) {
  return (instants.find((each) => each > instant) ?? Infinity) - instant;
}

function lostTasks(meter, tasks) {
  const lost = tasks.length - meter.done;
  return lost > 0 ? [`${lost} tasks were lost`] : [];
}

/** Tasks that ended in the overload, by their `ends`; per second. */
export function throughput({ overload: { from, to } }, ends) {
  return (ends.filter((end) => end >= from && end < to).length / (to - from)) * 1_000;
}

/** How many tasks ran at once in the overload, in the mean. */
function meanRunning({ overload: { from, to } }, { waits, ends }, tasks) {
  let time = 0;
  for (let index = 0; index < tasks.length; index++) {
    const start = tasks[index].at + waits[index];
    if (start < to && ends[index] > from) time += Math.min(ends[index], to) - Math.max(start, from);
  }
  return time / (to - from);
}

/** Tasks that had come a second before the horizon, and had not begun by then: what has piled up. */
function openAtEnd({ horizon }, { waits }, tasks) {
  return tasks.filter(({ at }, index) => at < horizon - 1_000 && !(at + waits[index] <= horizon)).length;
}
