// Bottlenecks that all tasks share: how long a task takes depends on how many run.
//
// A bottleneck is a list of stages that each task passes, one after the other. A stage is a pure function `speed(n, now)`: the
// work that each of n tasks in it gets done in a ms, 1 being that of a task alone; `share` is the part of a task's work that it
// does there, and `changes` are the instants at which the speed changes by itself.

/** So many cores, shared evenly: min(1, cores / n). Processor sharing, Kleinrock 1967. */
export const cores = (count) => [{ share: 1, speed: (n) => Math.min(1, count / n) }];

/** The same with steps `[from, cores]`: so many cores from that instant on. The first is there from the beginning. */
export const changingCores = (steps) => [
  {
    share: 1,
    speed: (n, now) => Math.min(1, (steps.findLast(([from]) => from <= now) ?? steps[0])[1] / n),
    changes: steps.map(([from]) => from),
  },
];

/**
 * A task does this part of its work on a database of so many cores, after the rest on its own. No more gets done a ms than
 * count / part: a closed network with one delay and one shared station (Baskett, Chandy, Muntz and Palacios, 1975).
 */
export const database = (part, count) => [
  { share: 1 - part, speed: () => 1 },
  { ...cores(count)[0], share: part },
];

/**
 * So many cores, and each task beyond them costs that part of the whole: cores / (1 + cost · (n − cores)) for all n together.
 * What pages that do not fit, cold caches and changes of context do: thrashing, Denning 1968.
 */
export const thrashing = (count, cost) => [
  { share: 1, speed: (n) => (n <= count ? 1 : count / (1 + cost * (n - count)) / n) },
];

/**
 * A lock that is fine as long as it is free when one comes: up to `from` tasks each has its full speed. Beyond, it forms a convoy
 * (Blasgen, Gray, Mitoma and Price, 1979): all together fall in a straight line, to the part `rest` at `to` tasks and more.
 */
export const convoy = (from, to, rest) => {
  const together = (n) => from * (1 - (1 - rest) * Math.min(1, (n - from) / (to - from)));
  return [{ share: 1, speed: (n) => (n <= from ? 1 : together(n) / n) }];
};

/**
 * The universal scalability law: n / (1 + contention · (n − 1) + coherency · n · (n − 1)) for all n together. Gunther, Guerrilla
 * Capacity Planning, 2007.
 */
export const scalability = (contention, coherency) => [
  { share: 1, speed: (n) => 1 / (1 + contention * (n - 1) + coherency * n * (n - 1)) },
];

/** Instants are sums of fractions: less work than that is done, and an instant so near has come. Ms. */
const ROUNDING = 1e-6;

/**
 * Tasks at a bottleneck, exactly: between two events, which are a task that comes, one that goes from a stage and a change by
 * itself, all speeds are constant. It has no clock: call {@link advance} at {@link nextAt} at the latest, and before {@link add}.
 */
export class Crowd {
  #stages;
  #now = 0;
  #ended = [];

  constructor(bottleneck) {
    // `done` is the work that a task has done which was there from the beginning; each leaves when it has come to `until`.
    this.#stages = bottleneck.map((stage) => ({ changes: [], ...stage, done: 0, tasks: [] }));
  }

  /** A task with so many ms of work comes. */
  add(task, work) {
    this.#enter(0, { task, work });
  }

  /** Goes on to this instant; returns the tasks that have ended. */
  advance(now) {
    for (const stage of this.#stages) {
      if (stage.tasks.length > 0) stage.done += this.#speedOf(stage) * (now - this.#now);
    }
    this.#now = now;
    this.#stages.forEach((stage, index) => {
      const isDone = ({ until }) => until <= stage.done + ROUNDING;
      if (!stage.tasks.some(isDone)) return;
      const leaving = stage.tasks.filter(isDone).toSorted((a, b) => a.until - b.until);
      stage.tasks = stage.tasks.filter((each) => !isDone(each));
      for (const each of leaving) this.#enter(index + 1, each);
    });
    return this.#ended.splice(0);
  }

  /** When something happens next if no task comes until then; Infinity if nothing will. */
  get nextAt() {
    let next = Infinity;
    for (const stage of this.#stages) {
      if (stage.tasks.length === 0) continue;
      const least = stage.tasks.reduce((min, { until }) => Math.min(min, until), Infinity);
      const change = stage.changes.find((at) => at > this.#now + ROUNDING) ?? Infinity;
      next = Math.min(next, change, this.#now + Math.max(0, least - stage.done) / this.#speedOf(stage));
    }
    return next;
  }

  #speedOf({ speed, tasks }) {
    return speed(tasks.length, this.#now + ROUNDING);
  }

  #enter(index, { task, work }) {
    const stage = this.#stages[index];
    if (stage === undefined) this.#ended.push(task);
    else stage.tasks.push({ task, work, until: stage.done + work * stage.share });
  }
}
