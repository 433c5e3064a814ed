// Runs in a thread, as plain JavaScript: Node 20 cannot run TypeScript, and a thread without a loader starts faster.
// Here it may block: that is what the thread is for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * @typedef {object} Sizes Bytes of all files of a package, each file compressed by itself, as a web server sends them.
 * @property {string} version
 * @property {number} bytes
 * @property {number} gzip
 * @property {number} brotli
 */

// The quality that servers use for what they compress while somebody waits; 11, the default, is thirty times slower.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Warms up: the first compression is the slowest. */
export function onCreate() {
  compress(readFileSync(new URL(import.meta.url)));
}

/**
 * @this {import('tasker/threads').ThreadCall}
 * @param {string} folder of the package
 * @param {readonly string[]} files
 * @returns {Sizes}
 */
export function measure(folder, files) {
  const sizes = { version: readVersion(folder), bytes: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    // oxlint-disable-next-line no-this-in-exported-function -- `this` is the call
    this.signal.throwIfAborted(); // a compression itself cannot be interrupted
    const content = readFileSync(file);
    const { gzip, brotli } = compress(content);
    sizes.bytes += content.length;
    sizes.gzip += gzip;
    sizes.brotli += brotli;
  }
  return sizes;
}

/**
 * @param {Buffer} content
 * @returns {{ gzip: number, brotli: number }}
 */
function compress(content) {
  return { gzip: gzipSync(content).length, brotli: brotliCompressSync(content, BROTLI).length };
}

/**
 * @param {string} folder
 * @returns {string}
 */
function readVersion(folder) {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  try {
    return String(JSON.parse(manifest).version ?? '');
  } catch (error) {
    throw new Error(`package.json is not valid JSON`, { cause: error });
  }
}
