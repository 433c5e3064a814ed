// Runs in processes. It stands for a native addon: it forgets to free memory, and some input is too much for it.
const forgotten = [];

/**
 * Counts the words of a text, and keeps a megabyte each time.
 *
 * @param {string} text
 */
export function countWords(text) {
  forgotten.push(Buffer.alloc(1_000_000, 1));
  if (text.includes('\0')) process.kill(process.pid, 'SIGSEGV'); // what a wild pointer does
  return { words: text.split(/\s+/).length, pid: process.pid, megabytes: forgotten.length };
}
