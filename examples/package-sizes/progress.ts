import ora from 'ora';
import type { Survey } from './survey.ts';
import { duration } from './text.ts';

const REDRAW_INTERVAL = 100;
const LINE_INTERVAL = 2_000;

/**
 * Shows how a survey goes: one line that changes on a terminal, a new line now and then elsewhere. Returns the function
 * that ends it.
 */
export function showProgress(survey: Survey): () => void {
  // Ora would put the terminal into raw mode; Ctrl-C shall stay the business of whoever runs the survey.
  const spinner = ora({ stream: process.stdout, discardStdin: false });
  if (!spinner.isEnabled) {
    const timer = setInterval(() => console.log(describe(survey)), LINE_INTERVAL);
    return () => {
      clearInterval(timer);
      console.log(describe(survey));
    };
  }
  spinner.start(describe(survey));
  const timer = setInterval(() => {
    spinner.text = describe(survey);
  }, REDRAW_INTERVAL);
  return () => {
    clearInterval(timer);
    spinner.stop();
  };
}

function describe({ findings, stats, metrics }: Survey): string {
  const { total, measured, failures } = findings;
  return [
    `${measured.length + failures.length}/${total} packages`,
    `${metrics.taskCompletionRate.toFixed(0)}/s`,
    `workers ${stats.activeWorkers}`,
    `queue ${stats.queuedTasks + stats.priorityTasks}`,
    `p95 ${duration(metrics.p95ExecutionTime)}`,
  ].join(' · ');
}
