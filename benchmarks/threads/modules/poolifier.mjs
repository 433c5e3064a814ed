import { ThreadWorker } from 'poolifier';
import { noop, roots, rootsHere } from './functions.mjs';

export default new ThreadWorker({ noop, roots, rootsHere });
