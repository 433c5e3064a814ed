import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';

const NEWLINE = 0x0a;
const BLOCK = 65_536;

/** How many bytes of a file are whole lines: a process that was killed may have written a part of the last one. */
export function wholeLines(path: string): number {
  const fd = openSync(pathOf(path), 'r');
  try {
    const block = Buffer.alloc(BLOCK);
    for (let end = fstatSync(fd).size; end > 0; end -= BLOCK) {
      const start = Math.max(0, end - BLOCK);
      const read = readSync(fd, block, 0, end - start, start);
      const newline = block.subarray(0, read).lastIndexOf(NEWLINE);
      if (newline >= 0) return start + newline + 1;
    }
    return 0;
  } finally {
    closeSync(fd);
  }
}
