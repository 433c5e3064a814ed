import workerpool from 'workerpool';
import { mark, noop, roots, rootsHere } from './functions.mjs';

workerpool.worker({ noop, roots, rootsHere, pass: (buffer) => new workerpool.Transfer(mark(buffer), [buffer]) });
