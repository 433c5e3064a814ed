import type { MapFunction, MapOptions, MapOutcome } from 'tasker';
import { newTrack } from './caller.ts';
import type { Caller } from './caller.ts';
import type { ChaosResource } from './resource.ts';
import { perform, drawCost } from './tasks.ts';
import type { World } from './world.ts';

/** How often the source of one `map()` was asked and closed. */
interface SourceBooks {
  pulled: number;
  yielded: number;
  returned: number;
}

/** Maps something over a source that may fail, for a consumer that may leave. */
export function drawMap(caller: Caller): void {
  const { world, books, manager } = caller;
  const { random } = world;
  const options: Omit<MapOptions, 'settled'> = {};
  if (random.chance(0.4)) options.concurrency = random.int(1, 4);
  if (random.chance(0.5)) options.ordered = random.chance(0.5);
  if (random.chance(0.2)) options.timeout = random.int(1, 50);
  if (random.chance(0.2)) options.key = random.pick(['a', 'b']);
  if (random.chance(0.2)) options.cost = drawCost(world, [0, 0.5, 3]);
  if (random.chance(0.2)) options.priority = random.int(-1, 2);
  if (random.chance(0.15)) options.signal = world.controller().signal;
  const source: SourceBooks = { pulled: 0, yielded: 0, returned: 0 };
  const items = random.pick([arraySource, badSource, slowSource])(world, source, random.int(0, 12));
  world.note('maps', options.concurrency, options.ordered);
  const isSettled = random.chance(0.3);
  const { concurrency, ordered: _, ...taskOptions } = options;
  const tracks = new Map<number, ReturnType<typeof newTrack>>();
  const fn: MapFunction<number, ChaosResource, unknown> = (item, resource, context) => {
    let track = tracks.get(item);
    if (track === undefined) {
      track = newTrack(caller, 'map', taskOptions);
      books.submitted(track);
      tracks.set(item, track);
    }
    return perform(world, books, track, resource, context);
  };
  const iterator = isSettled
    ? settledItems(world, manager.map(items, fn, { ...options, settled: true }), options.ordered ?? true)
    : manager.map(items, fn, options);
  const limit = concurrency ?? Infinity;
  books.maps.add(taskOptions);
  const isOver = (): void => void books.maps.delete(taskOptions);
  world.track(consume(world, iterator, source, limit).finally(isOver), 'the consumer of map()');
}

/** Looks at what a settled map yields on its way. */
function settledItems(
  world: World,
  mapped: AsyncIterableIterator<MapOutcome<number, unknown>>,
  isOrdered: boolean,
): AsyncIterableIterator<unknown> {
  const seen = new Set<number>();
  const next = mapped.next.bind(mapped);
  mapped.next = async () => {
    const result = await next();
    if (result.done === true) return result;
    const { status, index, item } = result.value;
    world.meet(`a settled map yielded: ${status}`);
    world.expect(index === item, () => `a settled map yielded item ${item} as number ${index}`);
    const isInTurn = isOrdered ? index === seen.size : !seen.has(index);
    world.expect(isInTurn, () => `a settled map yielded number ${index} after ${[...seen].join(', ')}`);
    seen.add(index);
    return result;
  };
  return mapped;
}

/** Reads on, leaves, throws or asks several times at once. Never rejects. */
async function consume(
  world: World,
  iterator: AsyncIterableIterator<unknown>,
  source: SourceBooks,
  limit: number,
): Promise<void> {
  const luck = world.luckOf('map');
  const leavesAfter = luck.chance(0.4) ? luck.int(0, 5) : Infinity;
  const isParallel = luck.chance(0.2);
  const isSlow = luck.chance(0.3);
  try {
    for (;;) {
      if (source.yielded >= leavesAfter) {
        world.meet('a consumer of map() left');
        const leaving = luck.chance(0.5) ? iterator.return?.() : iterator.throw?.(new Error('the consumer threw'));
        if (leaving !== undefined) world.track(leaving, 'return() or throw() of map()');
        await leaving;
        break;
      }
      const asked = [iterator.next()];
      if (isParallel) asked.push(iterator.next());
      for (const next of asked) world.track(next, 'next() of map()');
      const results = await Promise.allSettled(asked);
      const last = results.at(-1);
      for (const result of results) if (result.status === 'fulfilled' && result.value.done !== true) source.yielded++;
      world.expect(
        source.pulled - source.yielded <= limit,
        () => `map() pulled ${source.pulled - source.yielded} ahead`,
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
      if (last?.status === 'fulfilled' && last.value.done === true) break;
      if (isSlow) await world.sleep(luck.int(0, 30));
    }
    world.meet('map() came to its end');
  } catch {
    world.meet('map() failed');
  }
  world.expect(source.returned <= 1, () => `the source of map() was closed ${source.returned} times`);
}

function arraySource(_world: World, source: SourceBooks, length: number): Iterable<number> {
  let next = 0;
  return {
    [Symbol.iterator]: () => ({
      next: () => {
        if (next === length) return { done: true, value: undefined };
        source.pulled++;
        return { done: false, value: next++ };
      },
      return: () => {
        source.returned++;
        return { done: true, value: undefined };
      },
    }),
  };
}

/** Fails at the end, and when it is closed. */
function badSource(world: World, source: SourceBooks, length: number): Iterable<number> {
  let next = 0;
  return {
    [Symbol.iterator]: () => ({
      next: () => {
        if (next === length) {
          world.meet('a source of map() failed');
          throw new Error('the source failed');
        }
        source.pulled++;
        return { done: false, value: next++ };
      },
      return: () => {
        source.returned++;
        throw new Error('the source cannot be closed');
      },
    }),
  };
}

function slowSource(world: World, source: SourceBooks, length: number): AsyncIterable<number> {
  let next = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        await world.sleep(world.luckOf('map').int(0, 20));
        if (next === length) {
          if (world.luckOf('map').chance(0.5)) return { done: true, value: undefined };
          world.meet('a source of map() failed');
          throw new Error('the source rejected');
        }
        source.pulled++;
        return { done: false, value: next++ };
      },
      return: async () => {
        source.returned++;
        await world.sleep(1);
        return { done: true, value: undefined };
      },
    }),
  };
}
