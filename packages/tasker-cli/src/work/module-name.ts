import { basename, extname } from 'node:path';

/** What a module is called: its file, without the ending. */
export const nameOf = (module: string): string => basename(module, extname(module));
