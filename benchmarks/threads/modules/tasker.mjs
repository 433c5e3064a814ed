import { importCore } from '../../kit/core.mjs';
import { mark } from './functions.mjs';

export { noop, roots, rootsHere } from './functions.mjs';

const { move } = await importCore('./threads/index.js');

export const pass = (buffer) => move(mark(buffer));
