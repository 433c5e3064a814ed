/**
 * Reports the gzip and brotli size of every package in `node_modules`: a task manager whose resource is a thread with a
 * warm compressor. See `--help`.
 */
import { findPackages } from './packages.ts';
import type { InstalledPackage } from './packages.ts';
import { checkPaths, HELP, parseOptions, UsageError } from './options.ts';
import type { Options } from './options.ts';
import { showProgress } from './progress.ts';
import { renderOne, renderReport, writeReport } from './report.ts';
import type { Report } from './report.ts';
import { createSurveyors, explain, Survey } from './survey.ts';
import { duration, plural } from './text.ts';

const INTERRUPTED = 'Finishing what has been begun; Ctrl-C once more ends at once.';

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  console.error(`package-sizes: ${error.message}; see --help`);
  return 2;
});

async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  await checkPaths(options);
  return report(options, onInterrupt());
}

/** Aborts at the first Ctrl-C. The second one finds no listener and does what it always does: it kills. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const listener = (): void => {
    controller.abort();
    // Not yet: ora's own listener, which runs after this one, kills if it is the last.
    setImmediate(() => process.off('SIGINT', listener));
  };
  process.on('SIGINT', listener);
  return controller.signal;
}

async function report(options: Options, interruption: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const packages = await findPackages(options.folder, interruption);
  const asked = findAsked(packages, options);

  const manager = await createSurveyors();
  const survey = new Survey(manager, packages, interruption);
  const endProgress = showProgress(survey);
  interruption.addEventListener('abort', () => console.log(INTERRUPTED));
  await Promise.all([survey.run(), ask(survey, asked, interruption)]);
  endProgress();
  await manager.stop();

  const result: Report = {
    ...survey.findings,
    folder: options.folder,
    interrupted: interruption.aborted,
    seconds: (performance.now() - startedAt) / 1000,
    metrics: manager.metrics(),
  };
  console.log(`\n${renderReport(result)}`);
  await writeReport(options.json, result);
  console.log(`\nThe whole report is in ${options.json}`);
  if (interruption.aborted) return 130;
  return result.failures.length > 0 ? 1 : 0;
}

function findAsked(packages: readonly InstalledPackage[], { ask, folder }: Options): InstalledPackage {
  const [asked] = packages
    .filter(({ name }) => ask === undefined || name === ask)
    .toSorted((a, b) => a.bytes - b.bytes);
  if (asked === undefined) throw new UsageError(`no package ${ask === undefined ? '' : `${ask} `}in ${folder}`);
  return asked;
}

/** Asks for one package while all others are waiting: the answer does not wait with them. */
async function ask(survey: Survey, asked: InstalledPackage, interruption: AbortSignal): Promise<void> {
  if (interruption.aborted) return;
  const askedAt = performance.now();
  try {
    const answer = renderOne(await survey.ask(asked));
    const time = duration(performance.now() - askedAt);
    const { queuedTasks } = survey.stats;
    console.log(`Asked meanwhile, answered in ${time} (${plural(queuedTasks, 'package')} waiting): ${answer}`);
  } catch (error) {
    console.log(`Asked meanwhile for ${asked.name}: ${explain(error)}`);
  }
}
