import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The file in which the processes of a test note what they do, in a folder of the test's own. */
export class RunLog {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tasker-distributed-'));
  readonly path: string = join(this.folder, 'log.txt');

  get lines(): readonly string[] {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** How often something has begun, by its name. */
  get begun(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const line of this.lines) {
      const [verb, text = ''] = line.split(' ');
      if (verb === 'begin') counts[text] = (counts[text] ?? 0) + 1;
    }
    return counts;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
