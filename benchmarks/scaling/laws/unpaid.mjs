// tasker's law without "growth must pay": as many workers as the load asks for, whether or not they get more done.

import { openManager } from './tasker.mjs';

/** What the limiters go by, too: they do not need a second limit beside their own. */
export const UNPAID = { growthMustPay: false };

export default {
  name: 'unpaid',
  title: 'growthMustPay: false',
  open: (run) => openManager(run, UNPAID),
};
