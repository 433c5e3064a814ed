/** Words of Redis, which stand within others where a script of BullMQ has met them: no memory, no replica, no disk, a script or a cluster in the way. */
const OF_REDIS = /\b(?:OOM|NOREPLICAS|MISCONF|BUSY|CLUSTERDOWN|TRYAGAIN|LOADING)\b/;
/** SQLSTATEs of PostgreSQL: no disk, memory or other means; a limit of time for a statement or a lock; an error of the disk. */
const OF_POSTGRES = /^(?:53\w{3}|57014|55P03|58030)$/;

/** Whether the store is there and takes nothing for now, so that the same may succeed later. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, message } = error as NodeJS.ErrnoException;
  return OF_POSTGRES.test(String(code)) || (name === 'ReplyError' && OF_REDIS.test(message));
}
