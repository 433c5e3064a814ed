// The public API of each package and subpath, as API Extractor reads it from the built declarations. `npm run api` writes the reports of
// this folder; a test compares them, so that no change of the API goes unseen. Needs `npm run build` first.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { PACKAGES } from '../release/check.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const REPORTS = join(ROOT, 'api');

/** What can be imported. */
export interface EntryPoint {
  /** Of its package. */
  readonly folder: string;
  readonly declarations: string;
  /** Name of its report. */
  readonly report: string;
}

export const ENTRY_POINTS: readonly EntryPoint[] = PACKAGES.flatMap((name) => {
  const folder = join(ROOT, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string' // package.json itself
      ? []
      : [
          {
            folder,
            declarations: join(folder, target.types),
            report: `${name}${subpath.slice(1).replaceAll('/', '-')}.api.md`,
          },
        ],
  );
});

/** Writes the report of an entry point into a folder. Returns what is wrong with the declarations. */
export function writeReport({ folder, declarations, report }: EntryPoint, into: string): string[] {
  mkdirSync(into, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: report, reportFolder: into, reportTempFolder: into },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        // All that is exported is public here, and docblocks are not written for its own viewer.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const errors: string[] = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.text);
      message.handled = true;
    },
  });
  return errors;
}
