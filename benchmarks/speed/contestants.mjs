// Who takes part, in the order of the tables: a file of `contestants/` each. A workload may be `without` some.

/** What is ours: no rival. */
export const FLOOR = 'floor';
export const OURS = 'tasker';
/** What tasker is compared with first. */
export const YARDSTICK = 'fastq';

export const contestants = [
  FLOOR,
  OURS,
  YARDSTICK,
  'async',
  'p-limit',
  'p-queue',
  'generic-pool',
  'tarn',
  'lightning-pool',
];
