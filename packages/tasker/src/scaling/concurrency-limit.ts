import type { Durations } from './inflation.ts';

/** Rule 1: tasks must have waited for so long while none could start, ms. Ordinary loads do not come here. */
const NEED = 2_000;

/** Rule 2: from this on, duration now ÷ duration at low load, tasks are suspected to slow each other down. */
const SUSPECT = 1.5;
/** What is tried then: the tasks at once that would do as much by Little's law, times this. */
const MARGIN = 1.35;
/** What is tried ÷ what runs: no less than this, and if it is more than that, nothing is. */
const LEAST_PART = 0.25;
const MOST_PART = 0.67;
/**
 * Until as few run it is waited for so many times as long as a task takes that is met at any instant: by Markov's inequality no more
 * than an eighth of those that run is expected to take longer, unless they are unlike those before.
 */
const DRAIN = 4;
/** Runs that a moving mean remembers, however many more may be enough. */
const MEMORY = 200;
/** Where low load is unknown, a half is tried after so many times as long as that takes: it may cost half of the throughput. */
const PATIENCE = 20;

/** Rule 3: fewer are kept if they reach this part of the throughput. */
const KEEP = 0.9;
/** The first pause after fewer were too few; each one is twice as long as the last, up to a limit, ms. */
const PAUSE_DOWN = 30_000;
const MAX_PAUSE_DOWN = 600_000;
/** The pause is at least so many times the time that was lost: 5 % of the throughput at most. */
const LOSS_DOWN = 20;

/** Rule 4: more are tried, by this factor, and kept if the throughput grows by this part of the growth. */
const MORE = 1.5;
const WORTH = 0.2;
/** The first pause after more did not pay and the longest, ms, and at least so many times the length of the try. */
const PAUSE_UP = 5_000;
const MAX_PAUSE_UP = 15_000;
const LENGTHS_UP = 8;
/** A throughput that has risen by this factor ends the pause. */
const RISE = 1.1;

/** Rule 5: the part of the running tasks that is left when one was refused, and how often at most that is done, ms. */
const BACK_OFF = 0.75;
const BACK_OFF_EVERY = 1_000;
/** After so long without need, or without one end, the limit is forgotten, ms. */
const FORGET = 30_000;

/** Comparisons: so many runs say something, and after so many there is an end, both × cv² of their durations, within bounds. */
const ENOUGH = 30;
const AT_MOST = 800;
const LEAST_CV2 = 0.2;
const MOST_CV2 = 4;
/** Standard deviations that make a difference. */
const SURE = 2;
/** A throughput that holds is measured over so many mean durations at least. */
const DURATIONS = 4;
/** What a new limit leads to is measured after so long, or half a duration if that is longer, up to a limit, ms. */
const SETTLE = 200;
const MAX_SETTLE = 10_000;

/**
 * How many tasks may run at once, where more bring nothing: a database with 8 cores, 2 cores of a CPU, a lock. Infinite at first.
 *
 * 1. When: as many tasks run as may, others wait, and no worker is being made, for 2 s.
 * 2. Suspect: tasks take 1.5 times as long as at low load. By Little's law, running tasks = throughput × duration, so that as many as the
 *    throughput now needs at the duration of low load would do as much; a third more than that is tried. Where low load was never seen,
 *    half is tried after a while, and half again.
 * 3. Judge: fewer are kept if the throughput stays. It and not the latency is judged, since that grows with any other cause, too: longer
 *    tasks, say. A comparison ends as soon as the difference is certain (a sequential test, Wald 1945).
 * 4. Up again: half as many more are tried from time to time, and kept if the throughput grows. At once if it has grown by itself.
 * 5. Refused: the other side says that it is too much. Three quarters of what runs are left, or if more was tried what ran before. Rule 4
 *    may raise that; before it has had its say, which long tasks delay, half as many more run whenever nothing was refused for 30 s.
 *
 * The duration at low load as a measure of congestion is the idea of TCP Vegas (Brakmo and Peterson, 1995). All comparisons go by the
 * mean and the spread of the durations: a throughput over n runs is known to √(cv² ÷ n).
 *
 * It has no timer: {@link step} is to be called at ticks while tasks wait. A few numbers are its state.
 */
export class ConcurrencyLimit {
  #limit = Infinity;
  /** Written by `#enter` only. */
  #state: State = { is: 'resting' };
  /** Since the state was entered, or since more was forgotten; only while it is full. */
  readonly #tally = new Tally();
  /** The throughput at the limit when it was found. */
  #found: Throughput | undefined = undefined;
  /** When tasks waited last, and when they last did so because of the limit. */
  #neededAt = -Infinity;
  #boundAt = -Infinity;
  /** When a run had ended last, of how many, or it was not full. */
  #endedAt = -Infinity;
  #ended = 0;
  /** Not before these instants fewer or more are tried; and how long the next pauses are. */
  #downAt = -Infinity;
  #upAt = -Infinity;
  #pauseDown = PAUSE_DOWN;
  #pauseUp = PAUSE_UP;
  /** Refused runs, which are no throughput, and when the limit followed one last. */
  #refusals = 0;
  #refusedAt = -Infinity;
  /** Whether rules 2 and 3 hold. */
  readonly #mustPay: boolean;
  /** After so long without a look nothing is known of the time since the last, ms. */
  readonly #lapse: number;

  /** There is a tick every `interval` ms. */
  constructor(mustPay: boolean, interval: number) {
    this.#mustPay = mustPay;
    this.#lapse = Math.max(NEED, 2 * interval);
  }

  /** How many tasks may run at once now, tries included. */
  get limit(): number {
    return this.#limit;
  }

  /** The same without a try that is not judged yet. */
  get settled(): number {
    return this.#state.is === 'trying' ? this.#state.from : this.#limit;
  }

  /** Whether it has to be called while tasks wait. */
  get isWatchful(): boolean {
    return this.#mustPay || this.#limit < Infinity;
  }

  /** Whether the limit was not needed for so long that it is void. */
  isOutdated(now: number): boolean {
    return now - this.#boundAt >= FORGET;
  }

  /** To be called whenever tasks wait for a worker, before {@link limit} is used. */
  need(running: number, now: number): void {
    if (this.#limit < Infinity && this.isOutdated(now)) this.forget();
    if (this.#state.is !== 'resting' && now - this.#neededAt > this.#lapse) {
      this.#limit = this.settled; // nobody needed to know, or nothing went on: the computer has slept, the process stood still
      this.#enter({ is: 'resting' });
    }
    this.#neededAt = now;
    if (running >= this.#limit) this.#boundAt = now;
  }

  /** The sizes have changed: nothing is known about the new ones. */
  forget(): void {
    this.#limit = Infinity;
    this.#found = undefined;
    this.#downAt = -Infinity;
    this.#pauseDown = PAUSE_DOWN;
    this.#pauseUp = PAUSE_UP;
    this.#enter({ is: 'resting' });
  }

  /** The other side has refused a run, since it has too much to do. */
  refused({ now, startedAt, isDirect, running, held }: RefusedRun): void {
    if (!isDirect) this.#refusals++;
    if (running === 0) return; // a task of `runTask` alone is not theirs
    if (now < this.#refusedAt + BACK_OFF_EVERY || startedAt < this.#refusedAt) return; // one that began before it, too, is answered
    const state = this.#state;
    const isOfMore = state.is === 'trying' && !state.isDown;
    // A try of more says what is too much, and that it was not before.
    const most = isOfMore ? state.from : held + BACK_OFF * (Math.min(running, this.settled) - held);
    this.#refusedAt = now;
    if (isOfMore) this.#pauseUp = Math.min(MAX_PAUSE_UP, 2 * this.#pauseUp);
    this.#upAt = now + this.#pauseUp;
    this.#bind(Math.max(held + 1, Math.floor(most)), now);
    this.#found = undefined;
    this.#enter({ is: 'resting' });
  }

  /** A tick. */
  step(seen: Seen): void {
    const { now } = seen;
    if (seen.isNeeded) this.need(seen.running, now);
    this.#tally.look(seen, seen.ended - this.#refusals);
    if (this.#isStuck(seen)) this.#unbind(now);
    const state = this.#state;
    if (state.is === 'resting') {
      if (seen.isFull) this.#enter({ is: 'watching', since: now });
    } else if (state.is === 'watching') {
      if (!seen.isFull) this.#enter({ is: 'resting' });
      else if (now - state.since >= NEED) this.#consider(seen, state.since);
    } else if (seen.isFull) {
      this.#follow(seen, state);
    }
  }

  /** Whether nothing ends any more under the limit: those that run may wait for those that it keeps from running. */
  #isStuck(seen: Seen): boolean {
    const { now, ended, isFull } = seen;
    if (ended > this.#ended || !isFull) this.#endedAt = now;
    this.#ended = ended;
    if (this.#limit === Infinity) return false;
    return now - this.#endedAt >= Math.max(FORGET, PATIENCE * spreadOf(seen).length);
  }

  /** What was kept was wrong, and is so again as soon as it is tried again. */
  #unbind(now: number): void {
    const lost = now - this.#endedAt;
    this.forget();
    this.#downAt = now + LOSS_DOWN * lost;
  }

  /** Another limit; before the first one nothing has been seen under any. */
  #bind(limit: number, now: number): void {
    if (this.#limit === Infinity) this.#endedAt = now;
    this.#limit = limit;
    this.#boundAt = now;
  }

  /** It is full: is there anything to try? */
  #consider(seen: Seen, since: number): void {
    const tally = this.#tally;
    const spread = spreadOf(seen);
    tally.keep((2 * AT_MOST * spread.enough) / ENOUGH); // what a try is compared with is known better than the try
    if (this.#isUntold && seen.now - since >= FORGET) {
      this.#bind(this.#more(seen), seen.now);
      this.#enter({ is: 'watching', since: seen.now });
    }
    if (tally.runs < spread.enough) return;
    const fewer = this.#fewer(seen, since, spread);
    if (fewer <= MOST_PART * tally.width) this.#try(fewer, seen, since);
    else if (this.#limit < Infinity && (seen.now >= this.#upAt || this.#hasRisen(spread))) {
      this.#try(this.#more(seen), seen, since);
    }
  }

  /** Whether there is a limit for nothing but refusals: no throughput has spoken for it. */
  get #isUntold(): boolean {
    return this.#limit < Infinity && this.#found === undefined;
  }

  /** Rule 4: how many are the next to be tried. */
  #more({ most }: Seen): number {
    const more = Math.ceil(MORE * this.#limit);
    return more < most ? more : Infinity;
  }

  /** Rule 2: how many might do as much; Infinity if there is no suspicion. */
  #fewer(seen: Seen, since: number, { enough, length }: Spread): number {
    if (!this.#mustPay || seen.now < this.#downAt) return Infinity;
    const { rate, width } = this.#tally;
    const isKnown = seen.calmRuns >= Math.min(enough, MEMORY);
    const patience = PATIENCE * (SETTLE + length + (2 * enough) / rate);
    let fewer = Infinity;
    if (isKnown && width >= SUSPECT * seen.calm * rate) {
      fewer = Math.max(Math.ceil(LEAST_PART * width), Math.ceil(MARGIN * rate * seen.calm));
    }
    if (!(isKnown && seen.isCalmLow) && seen.now - since >= patience) fewer = Math.min(fewer, Math.ceil(width / 2));
    return Math.max(seen.least, fewer);
  }

  /** Rule 4: whether the throughput at the limit is well above what it was. */
  #hasRisen({ cv2 }: Spread): boolean {
    const { rate } = this.#tally;
    const found = this.#found;
    return (
      found !== undefined && rate >= RISE * found.rate && rate - found.rate > SURE * error(this.#tally, found, cv2)
    );
  }

  #try(limit: number, seen: Seen, since: number): void {
    const { rate, runs, width } = this.#tally;
    const isDown = limit < this.#limit;
    const from = this.#limit;
    const growth = Math.min(limit, seen.most) / width;
    const goal = (isDown ? KEEP : 1 + WORTH * (growth - 1)) * rate;
    this.#bind(limit, seen.now);
    this.#enter({
      is: 'trying',
      isDown,
      from,
      since,
      before: { rate, runs },
      goal,
      begunAt: seen.now,
      settlesAt: undefined,
    });
  }

  /** A try: waits until as many run as shall, and until that shows; then measures. */
  #follow(seen: Seen, state: Trying): void {
    const { now } = seen;
    const spread = spreadOf(seen);
    if (state.settlesAt === undefined) {
      if (seen.running > this.#limit) {
        if (now - state.begunAt >= Math.max(SETTLE, DRAIN * spread.length)) this.#revert(state, now);
        return;
      }
      const settle = Math.max(SETTLE, Math.min(spread.length / 2, MAX_SETTLE));
      this.#enter({ ...state, settlesAt: now + settle });
    } else if (now < state.settlesAt) {
      this.#tally.clear();
    } else {
      const verdict = this.#judge(state, spread);
      if (verdict === true) this.#keep(state, now);
      else if (verdict === false) this.#revert(state, now);
    }
  }

  /** Rule 3, and the end of rule 4: whether the try pays; undefined while that is open. */
  #judge({ before, goal }: Trying, { cv2, enough, length }: Spread): boolean | undefined {
    const { rate, runs, time } = this.#tally;
    const sure = SURE * error(this.#tally, { rate: goal, runs: before.runs }, cv2);
    if (rate < goal - sure && runs + before.rate * time >= enough) return false;
    if (rate > goal + sure && runs >= 2 * enough && time >= DURATIONS * length) return true;
    return runs >= AT_MOST * Math.min(MOST_CV2, Math.max(1, cv2)) ? rate >= goal : undefined;
  }

  /** What was tried is the limit now. What was measured goes on. */
  #keep({ isDown, since }: Trying, now: number): void {
    const { rate, runs } = this.#tally;
    this.#found = { rate, runs };
    this.#pauseUp = PAUSE_UP;
    this.#upAt = isDown ? now + PAUSE_UP : now; // what has paid may pay again
    if (isDown) this.#pauseDown = PAUSE_DOWN;
    this.#enter({ is: 'watching', since }, true);
  }

  #revert({ isDown, from, before, begunAt }: Trying, now: number): void {
    const length = now - begunAt;
    if (isDown) {
      const lost = length * (1 - this.#tally.rate / before.rate);
      this.#downAt = now + Math.max(this.#pauseDown, LOSS_DOWN * lost);
      this.#pauseDown = Math.min(MAX_PAUSE_DOWN, 2 * this.#pauseDown);
    } else {
      this.#upAt = now + Math.max(this.#pauseUp, LENGTHS_UP * length);
      this.#pauseUp = Math.min(MAX_PAUSE_UP, 2 * this.#pauseUp);
      this.#found = before;
    }
    this.#limit = from;
    this.#enter({ is: 'watching', since: now });
  }

  #enter(state: State, isMeasured: boolean = false): void {
    this.#state = state;
    if (!isMeasured) this.#tally.clear();
  }
}

/** A run that was refused, which still counts among those that run. */
export interface RefusedRun {
  readonly now: number;
  readonly startedAt: number;
  /** Of `runTask`: it counts neither among `running`, the tasks of the queues, nor among those that end. */
  readonly isDirect: boolean;
  readonly running: number;
  /** How many of these may stay for long, whatever the limit: leases, unless it was one of them that was refused. */
  readonly held: number;
}

/** What is seen at a tick. */
export interface Seen extends Durations {
  readonly now: number;
  /** Tasks wait that a worker could start. */
  readonly isNeeded: boolean;
  /** And as many run as may, nor is a worker being made. */
  readonly isFull: boolean;
  readonly running: number;
  /** Tasks that the base workers, and all that there may be, run at once. */
  readonly least: number;
  readonly most: number;
}

/**
 * - `resting`: tasks start, or have waited only just. Left at the first tick at which it is full.
 * - `watching`: it has been full since `since`, and the throughput is measured. Left for a try, or when it is not full any more.
 * - `trying`: the limit has changed from `from` at `begunAt`. It is kept if the throughput reaches `goal`, where it was `before`. Left
 *   when that is clear, or when tasks wait again after none has for a while.
 *
 * ```
 *               full                2 s, a suspicion or a pause over
 *   resting ──────────▶ watching ─────────────────────────────────────▶ trying
 *      ▲                  │   ▲                                          │  │
 *      └─── not full ─────┘   └──────────── kept, or reverted ───────────┘  │
 *      └──────────────────────────── reverted, since nothing waited ────────┘
 * ```
 */
type State = { readonly is: 'resting' } | { readonly is: 'watching'; readonly since: number } | Trying;

interface Trying {
  readonly is: 'trying';
  readonly isDown: boolean;
  readonly from: number;
  readonly since: number;
  readonly before: Throughput;
  readonly goal: number;
  readonly begunAt: number;
  /** From when on it is measured; undefined until as many run as shall. */
  readonly settlesAt: number | undefined;
}

/** Runs per ms, and on how many it rests. */
interface Throughput {
  readonly rate: number;
  readonly runs: number;
}

/** What the durations tell: how much they vary, how many runs are enough, and how long the one takes that is met at any instant. */
interface Spread {
  readonly cv2: number;
  readonly enough: number;
  readonly length: number;
}

function spreadOf({ mean, meanSquare }: Seen): Spread {
  const cv2 = mean === 0 ? 1 : Math.max(LEAST_CV2, meanSquare / mean ** 2 - 1);
  return { cv2, enough: ENOUGH * Math.max(1, cv2), length: mean === 0 ? 0 : meanSquare / mean };
}

/** Standard deviation of the difference of two throughputs. */
function error(a: Throughput, b: Throughput, cv2: number): number {
  return Math.sqrt(cv2 * (a.rate ** 2 / Math.max(1, a.runs) + b.rate ** 2 / Math.max(1, b.runs)));
}

/** Runs that have ended in the time between ticks at both of which it was full. */
class Tally implements Throughput {
  runs = 0;
  time = 0;
  /** Running tasks × ms. */
  #area = 0;
  #at = -Infinity;
  #ended = 0;
  #wasFull = false;

  get rate(): number {
    return this.time === 0 ? 0 : this.runs / this.time;
  }

  /** How many tasks ran in the mean. */
  get width(): number {
    return this.time === 0 ? 0 : this.#area / this.time;
  }

  look({ now, isFull, running }: Seen, ended: number): void {
    if (isFull && this.#wasFull) {
      this.runs += ended - this.#ended;
      this.time += now - this.#at;
      this.#area += running * (now - this.#at);
    }
    this.#at = now;
    this.#ended = ended;
    this.#wasFull = isFull;
  }

  clear(): void {
    this.runs = this.time = this.#area = 0;
  }

  /** Of more runs than that, and more than it takes to be sure of the need, half are forgotten. */
  keep(runs: number): void {
    if (this.runs <= runs || this.time <= 2 * NEED) return;
    this.runs /= 2;
    this.time /= 2;
    this.#area /= 2;
  }
}
