import { Tinypool } from 'tinypool';
import { mark } from './functions.mjs';

export { noop, roots, rootsHere } from './functions.mjs';

export const pass = (buffer) => Tinypool.move(mark(buffer));
