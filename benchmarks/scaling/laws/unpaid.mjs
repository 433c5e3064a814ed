// tasker's law without "growth must pay": as many workers as the load asks for, whether or not they get more done.

import { openManager } from './tasker.mjs';

/** TODO: `{ growthMustPay: false }` */
export const UNPAID = {};

export default {
  name: 'unpaid',
  title: 'growthMustPay: false',
  open: (run) => openManager(run, UNPAID),
};
