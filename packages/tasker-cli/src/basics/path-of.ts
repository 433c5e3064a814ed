import { isAbsolute, join } from 'node:path';

/** The current folder when the command began. */
export const START: string = process.cwd();

/** The path of a file that was named on the command line: the module may have changed the current folder meanwhile. */
export const pathOf = (name: string): string => (isAbsolute(name) ? name : join(START, name));
