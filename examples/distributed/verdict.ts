import { isDistributedError } from 'tasker-distributed';
import type { QueueStats } from 'tasker-distributed';
import type { Receipt } from './tasks.ts';
import { paint } from './tell.ts';

/** What the submitter knows of one of its tasks. */
export interface Known {
  readonly kind: 'invoice' | 'charge';
  readonly order: number;
  /** Who has begun it, last. */
  worker?: string;
  hasEnded?: true;
  receipt?: Receipt;
  error?: unknown;
}

export const nameOf = ({ kind, order }: Known): string => `${kind} ${order}`;

/** Counts what has become of all tasks, by their ends, the store, and the book of the bank; true if nothing was lost. */
export function judge(all: readonly Known[], book: readonly number[], store: QueueStats): boolean {
  const of = (kind: Known['kind']): Known[] => all.filter((task) => task.kind === kind);
  const total = count(all, book);
  console.table({ invoices: count(of('invoice'), book), charges: count(of('charge'), book), all: total });
  for (const task of all) {
    const fate = fateOf(task, book);
    const made = book.includes(task.order) ? 'was made' : 'was not made';
    if (fate === 'ONCE_LOST') console.log(`${nameOf(task)} is for you to look at: the bank says that it ${made}.`);
    if (fate === 'lost') console.log(paint('red', `${nameOf(task)} is lost:`), task.error ?? task.receipt ?? 'no end');
  }
  const isEmpty = store.queued + store.delayed + store.running === 0;
  const isWell = total['lost'] === 0 && isEmpty && store.completed + store.failed === all.length;
  const words = isWell ? 'Nothing was lost, and no charge was made twice.' : 'Something was lost.';
  console.log(paint(isWell ? 'green' : 'red', words));
  return isWell;
}

function fateOf({ kind, order, receipt, error }: Known, book: readonly number[]): 'done' | 'ONCE_LOST' | 'lost' {
  const charges = book.filter((entry) => entry === order).length;
  if (receipt?.order === order && charges === (kind === 'charge' ? 1 : 0)) return 'done';
  return kind === 'charge' && isDistributedError(error, 'ONCE_LOST') && charges <= 1 ? 'ONCE_LOST' : 'lost';
}

function count(some: readonly Known[], book: readonly number[]): Record<string, number> {
  const fates = some.map((task) => fateOf(task, book));
  const of = (fate: string): number => fates.filter((each) => each === fate).length;
  return {
    submitted: some.length,
    done: of('done'),
    'on the second try': some.filter(({ receipt }) => receipt !== undefined && receipt.attempt > 1).length,
    ONCE_LOST: of('ONCE_LOST'),
    lost: of('lost'),
  };
}
