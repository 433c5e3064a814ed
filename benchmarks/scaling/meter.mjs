// Counts resources and tasks over time. It is told by the hooks and by the tasks themselves, never by the law.

/** Instants are ms since {@link Meter.begin}; what happens before it is not counted, but what is there then is. */
export class Meter {
  /** Tasks that wait, or run. */
  queued = 0;
  busy = 0;
  /** Resources that are being made; that are there, those being made and destroyed included; the most of these at once. */
  starting = 0;
  present = 0;
  peak = 0;
  /** Worker-seconds within the horizon. */
  cost = 0;
  /** When each creation since the beginning began, and when each that succeeded ended. */
  attempts = [];
  successes = [];
  /** Resources made since the beginning that never ran a task so far. */
  unused = 0;
  /** `[instant, number of resources]`, at each change up to the horizon. */
  changes = [];
  /** What went wrong that never may, in words. */
  violations = [];
  done = 0;
  /** Resources and armed timers long after the last task. */
  left = { resources: NaN, timers: NaN };
  /** Called with the instant before every change, if set. */
  onChange = undefined;
  #clock;
  #tasks;
  #horizon;
  /** Most tasks that may share a resource. */
  #places;
  #origin = Infinity;
  #last = 0;

  constructor(clock, tasks, load) {
    this.#clock = clock;
    this.#tasks = tasks;
    this.#horizon = load.horizon;
    this.#places = load.config.tasksPerWorker ?? 1;
    this.waits = new Float64Array(tasks.length).fill(NaN);
    this.ends = new Float64Array(tasks.length).fill(NaN);
  }

  /** From now on it counts. */
  begin() {
    this.#origin = this.#clock.now();
    this.peak = this.present;
    this.changes.push([0, this.present]);
  }

  get hasBegun() {
    return this.#origin !== Infinity;
  }

  /** Ms since the beginning, negative before it. */
  get now() {
    return this.hasBegun ? this.#clock.now() - this.#origin : -1;
  }

  arrived() {
    this.#changing();
    this.queued++;
  }

  /** A task starts to run on a resource. */
  started(index, resource) {
    const now = this.#changing();
    if (resource.users === this.#places) this.violations.push(`resource ${resource.id} got one task too many`);
    resource.users++;
    if (!resource.isUsed) {
      resource.isUsed = true;
      if (!resource.isOld) this.unused--;
    }
    this.queued--;
    this.busy++;
    if (Number.isNaN(this.waits[index])) this.waits[index] = now - this.#tasks[index].at;
  }

  ended(index, resource) {
    const now = this.#changing();
    resource.users--;
    this.busy--;
    if (!Number.isNaN(this.ends[index])) this.violations.push(`task ${index} ran twice`);
    this.ends[index] = now;
    this.done++;
  }

  /** A creation begins. */
  creating() {
    const now = this.#changing();
    if (this.hasBegun) this.attempts.push(now);
    this.starting++;
    this.#resize(1, now);
  }

  /** A creation has ended well, and this is the resource. */
  created(resource) {
    const now = this.#changing();
    this.starting--;
    resource.isOld = !this.hasBegun;
    if (resource.isOld) return;
    this.unused++;
    this.successes.push(now);
  }

  notCreated() {
    const now = this.#changing();
    this.starting--;
    this.#resize(-1, now);
  }

  destroyed() {
    this.#resize(-1, this.#changing());
  }

  /** The horizon is reached, or passed. */
  finish() {
    this.#changing();
  }

  #resize(by, now) {
    this.present += by;
    this.peak = Math.max(this.peak, this.present);
    if (now <= this.#horizon) this.changes.push([now, this.present]);
  }

  #changing() {
    const { now } = this;
    if (!this.hasBegun) return now;
    this.onChange?.(now);
    const upTo = Math.min(now, this.#horizon);
    if (upTo > this.#last) {
      this.cost += (this.present * (upTo - this.#last)) / 1_000;
      this.#last = upTo;
    }
    return now;
  }
}
