// One run, with its picture.

import { writeFileSync } from 'node:fs';
import { bestFixed } from './best.mjs';
import { draw } from './chart.mjs';
import { figuresOf } from './figures.mjs';
import { oracle } from './oracle.mjs';
import { simulate } from './simulate.mjs';
import { Trace } from './trace.mjs';

/** Runs it, writes the SVG to `file` and returns the figures. */
export async function drawRun(load, seed, law, file) {
  const trace = new Trace(load.horizon);
  const { meter, tasks } = await simulate(load, seed, law, { trace });
  const figures = {
    ...figuresOf(load, { meter, tasks }),
    ...(load.bottleneck ? { best: bestFixed(load, tasks) } : { overOracle: meter.cost / oracle(load, tasks).cost }),
  };
  writeFileSync(file, draw({ load, seed, law, tasks, meter, trace, figures }));
  return figures;
}
