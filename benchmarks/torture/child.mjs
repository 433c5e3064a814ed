// One contestant in one situation, in a process of its own. Reports `{ right, outcome }`.

import { argument, report } from '../kit/child.mjs';
import { nextTurn } from '../kit/measure.mjs';

const { situation: file, contestant } = argument;
const { default: situation } = await import(`./situations/${file}.mjs`);

let unhandled = 0;
process.on('unhandledRejection', () => {
  unhandled += 1;
});

const { right, outcome } = await situation.scenario(situation.contestants[contestant]);
await nextTurn(); // a rejection counts as unhandled once the microtasks of its turn have run
report(
  unhandled === 0
    ? { right, outcome }
    : { right: false, outcome: `${outcome}; ${unhandled} unhandled rejection${unhandled === 1 ? '' : 's'}` },
);
