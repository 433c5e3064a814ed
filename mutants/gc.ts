import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// The tester runs tests in threads, which take no --expose-gc.
setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc') as typeof globalThis.gc;
