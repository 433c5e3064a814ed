// What a queue without resources needs beside it.

/** `count` resources, as every contestant makes them. */
export const makeResources = (count) => Array.from({ length: count }, makeResource);

export const makeResource = () => ({ uses: 0 });

/** Lends one of `count` resources to each task. Whoever calls it runs no more than `count` tasks at once. */
export function freeList(count) {
  const free = makeResources(count);
  return async (task) => {
    const resource = free.pop();
    try {
      return await task(resource);
    } finally {
      free.push(resource);
    }
  };
}
