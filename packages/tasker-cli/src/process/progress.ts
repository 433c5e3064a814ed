import ora from 'ora';
import { paintFor } from '../basics/paint.ts';
import { progressLine, progressText } from './progress-text.ts';
import { Speed } from './speed.ts';
import type { Standing } from './standing.ts';

/** Between two looks on a terminal, and elsewhere, in ms. */
const REDRAW = 200;
const LINE = 10_000;

/** Tells on standard error how far a run is, until `stop` is called. */
export interface Progress {
  stop(): void;
}

/** Where a terminal is, lines at its end that change, below whatever else is written; elsewhere a line every ten seconds. */
export function showProgress(look: () => Standing): Progress {
  // Ora would put the terminal into raw mode; Ctrl-C is the business of the run. On one without a width, as some containers have it,
  // it never ends drawing.
  const spinner = ora({
    stream: process.stderr,
    discardStdin: false,
    color: process.stderr.hasColors?.() ? 'cyan' : false,
  });
  const isLive = spinner.isEnabled && process.stderr.columns > 0;
  const paint = paintFor(process.stderr);
  const speed = new Speed(performance.now(), look().done);
  const tell = (text: (standing: Standing, perSecond: number) => string): string => {
    const standing = look();
    return text(standing, speed.perSecond(performance.now(), standing.done));
  };
  if (!isLive) {
    let told = 0;
    const timer = setInterval(() => {
      const { done, running, queued } = look();
      if (done === told && running + queued === 0) return; // there is nothing to do
      told = done;
      process.stderr.write(`${tell((...of) => progressLine(...of, paint))}\n`);
    }, LINE);
    return { stop: () => clearInterval(timer) };
  }
  const text = (): string => tell((...of) => progressText(...of, process.stderr.columns, paint));
  spinner.start(text());
  const timer = setInterval(() => (spinner.text = text()), REDRAW);
  return {
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}
