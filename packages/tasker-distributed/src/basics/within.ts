/** `promise`, or a rejection with what `late` makes if it has not settled within `ms`. */
export async function within<T>(ms: number, promise: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when `promise` has settled, in whatever way, or after `ms`. */
export async function atMost(ms: number, promise: PromiseLike<unknown>): Promise<void> {
  await within(ms, promise, () => new Error('too late')).catch(() => {});
}
