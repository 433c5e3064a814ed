// One contestant with one API, load and seed, in a process of its own. Reports the figures of `simulate.mjs`.

import { argument, report } from '../kit/child.mjs';
import { sourceOf } from '../scaling/random.mjs';
import { apiCalled } from './apis.mjs';
import { moduleOf } from './contestants.mjs';
import { loadCalled } from './loads.mjs';
import { simulate } from './simulate.mjs';
import { realTime, virtualTime } from './time.mjs';

const { api, load, contestant, seed, isReal } = argument;
const time = isReal ? realTime() : virtualTime(sourceOf(seed, 'timers'));
const { open } = await moduleOf(contestant);
report(await simulate({ api: apiCalled(api), load: loadCalled(load), open, seed, time }));
