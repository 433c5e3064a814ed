import { openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { FileSink } from './file-sink.ts';

/** So many characters are written together. */
const PORTION = 65_536;

/**
 * Replaces what is in a file by lines, which may be read from it: at any moment, also after a loss of power, it is the old or the new one.
 * Resolves with the number of bytes. Rejects with `UsageError`; then nothing has changed.
 */
export async function rewriteFile(path: string, lines: AsyncIterable<string>): Promise<number> {
  const target = realpathSync(pathOf(path));
  const written = rewrittenOf(target);
  try {
    await writeLines(new FileSink(openSync(written, 'w', statSync(target).mode)), lines);
    const { size } = statSync(written);
    renameSync(written, target);
    return size;
  } catch (error) {
    rmSync(written, { force: true });
    throw new UsageError(`${path} cannot be written anew: ${messageOf(error)}`);
  }
}

/** Where a file is written anew. */
export const rewrittenOf = (path: string): string => `${path}.new`;

async function writeLines(sink: FileSink, lines: AsyncIterable<string>): Promise<void> {
  try {
    let text = '';
    for await (const line of lines) {
      text += `${line}\n`;
      if (text.length < PORTION) continue;
      sink.write(text);
      text = '';
    }
    sink.write(text);
  } finally {
    await sink.end();
  }
}
