import ora from 'ora';
import { formatDuration } from '../basics/duration.ts';

const INTERVAL = 200;

/** How far a run is. */
export interface Standing {
  readonly done: number;
  /** Undefined if it is not known. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly running: number;
}

/** A line on a terminal that tells how far the run is; other lines go above it. */
export class Progress {
  readonly #spinner = ora({ stream: process.stderr, discardStdin: false });
  readonly #look: () => Standing;
  readonly #startedAt: number = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => Standing) {
    this.#look = look;
  }

  start(): void {
    this.#spinner.start(this.#text());
    this.#timer = setInterval(() => (this.#spinner.text = this.#text()), INTERVAL);
  }

  /** Takes the line away. */
  stop(): void {
    clearInterval(this.#timer);
    this.#spinner.stop();
  }

  #text(): string {
    return progressText(this.#look(), performance.now() - this.#startedAt);
  }
}

/** The line after so many ms. */
export function progressText({ done, total, failed, running }: Standing, ms: number): string {
  const perSecond = ms > 0 ? (done / ms) * 1_000 : 0;
  const left = total === undefined || perSecond === 0 ? undefined : ((total - done) / perSecond) * 1_000;
  return [
    total === undefined ? `${done} done` : `${bar(done / Math.max(1, total))} ${done} of ${total}`,
    `${running} running`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`,
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ].join(' · ');
}

const WIDTH = 20;

function bar(part: number): string {
  const full = Math.round(Math.min(1, part) * WIDTH);
  return '█'.repeat(full) + '░'.repeat(WIDTH - full);
}
