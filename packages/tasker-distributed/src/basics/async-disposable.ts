import type { TaskManager } from 'tasker';

/** What `await using` asks for, as the core has it: empty in a program that does not know `Symbol.asyncDispose`. */
export type AsyncDisposable = Pick<TaskManager<never>, Extract<keyof TaskManager<never>, symbol>>;
