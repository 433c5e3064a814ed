import { move } from 'piscina';
import { mark } from './functions.mjs';

export { noop, roots, rootsHere } from './functions.mjs';

export const pass = (buffer) => move(mark(buffer));
