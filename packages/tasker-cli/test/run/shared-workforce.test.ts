import { afterEach, expect, test } from 'vitest';
import { SharedWorkforce } from '../../src/run/shared-workforce.ts';
import { newRunId } from '../../src/work/item-id.ts';

let workforce: SharedWorkforce;
afterEach(() => workforce.stop());

test('an item that is taken back before its result is asked for has no line', async () => {
  const takenBack: number[] = [];
  let back: (() => void) | undefined;
  const isBack = new Promise<void>((resolve) => (back = resolve));
  const client = {
    submit: () => isBack,
    withdraw: () => Promise.resolve(true).finally(() => back?.()),
    result: () => Promise.reject(Object.assign(new Error('there is no such task'), { code: 'NO_RESULT' })),
    close: () => Promise.resolve(),
  };
  workforce = new SharedWorkforce(client as never, undefined, {
    run: newRunId(),
    timeout: undefined,
    hadBegun: () => false,
    began: () => true,
    takenBack: (index) => takenBack.push(index),
    lonely: () => {},
  });
  const end = workforce.run({ index: 3, value: 'a' }, { retry: false });
  await Promise.resolve(); // until it is on its way into the store
  workforce.halt();
  expect(await end).toBeUndefined();
  expect(takenBack).toEqual([3]);
});
