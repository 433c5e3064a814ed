import { randomUUID } from 'node:crypto';

/** What the items of a run have in common in a store. */
export const newRunId = (): string => randomUUID();

/** The id of the task of an item: the same whenever the run is gone on with. `life` tells those of an item apart that was ended and begun anew. */
export const itemId = (run: string, index: number, life = 0): string =>
  `${run}_${index}${life === 0 ? '' : `_${life}`}`;

const ITEM_ID = /^[\da-f-]{36}_(\d+)(?:_\d+)?$/;

/** The place of an item in its input; 0 for a task that was submitted otherwise. */
export const indexOfId = (id: string): number => Number(ITEM_ID.exec(id)?.[1] ?? 0);
