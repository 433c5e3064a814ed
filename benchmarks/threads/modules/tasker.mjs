import { coreThreads } from '../core.mjs';
import { mark } from './functions.mjs';

export { noop, roots, rootsHere } from './functions.mjs';

const { move } = await import(coreThreads);

export const pass = (buffer) => move(mark(buffer));
