// Runs in a worker thread, as plain JavaScript: Node 20 cannot run TypeScript, and a thread without a loader starts
// faster. Here it may block: that is what the thread is for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * @typedef {object} Request One package.
 * @property {string} folder
 * @property {readonly string[]} files
 */

/**
 * @typedef {object} Sizes Bytes of all files of a package, each file compressed by itself, as a web server sends them.
 * @property {string} version
 * @property {number} bytes
 * @property {number} gzip
 * @property {number} brotli
 */

/** @typedef {{ sizes: Sizes } | { error: unknown } | 'ready'} Reply */

// The quality that servers use for what they compress while somebody waits; 11, the default, is thirty times slower.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

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

/**
 * @param {Request} request
 * @returns {Sizes}
 */
function measure({ folder, files }) {
  const sizes = { version: readVersion(folder), bytes: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const content = readFileSync(file);
    const { gzip, brotli } = compress(content);
    sizes.bytes += content.length;
    sizes.gzip += gzip;
    sizes.brotli += brotli;
  }
  return sizes;
}

/** @param {Reply} reply */
function send(reply) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(reply);
}

parentPort?.on('message', (/** @type {Request} */ request) => {
  try {
    send({ sizes: measure(request) });
  } catch (error) {
    send({ error });
  }
});

compress(readFileSync(new URL(import.meta.url))); // warms up: the first call is the slowest
send('ready');
