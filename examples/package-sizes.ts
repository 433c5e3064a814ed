/**
 * How large is every installed package when a web server sends its files compressed? `npm start` runs it for each package of
 * `node_modules`, in threads, which may block: each has its own warm compressor.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineWorker } from 'tasker-cli';

// The quality that servers use for what they compress while somebody waits; 11, the default, is thirty times slower.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

class Compressor {
  /** Warms up: the first compression is the slowest. */
  constructor() {
    this.sizes(readFileSync(new URL(import.meta.url)));
  }

  sizes(content: Buffer): { gzip: number; brotli: number } {
    return { gzip: gzipSync(content).length, brotli: brotliCompressSync(content, BROTLI).length };
  }
}

export default defineWorker({
  onCreate: () => new Compressor(),
  onDestroy: () => {},
  maxRetries: 1, // a thread that has died is replaced, and its package measured again

  /** An item is the path of a `package.json`. */
  run: (manifest: string, compressor, { signal }) => {
    const { version = '' } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string };
    const total = { version, files: 0, bytes: 0, gzip: 0, brotli: 0 };
    for (const file of filesOf(dirname(manifest))) {
      signal.throwIfAborted(); // a compression itself cannot be interrupted
      const content = readFileSync(file);
      const { gzip, brotli } = compressor.sizes(content);
      total.files += 1;
      total.bytes += content.length;
      total.gzip += gzip;
      total.brotli += brotli;
    }
    return total;
  },
});

/** The files of a package, without those of the packages in it. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesOf(path);
    return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
  });
}
