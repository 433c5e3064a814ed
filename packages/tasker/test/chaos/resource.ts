import type { CreateContext, WorkerKind } from 'tasker';
import type { Run } from './books.ts';

/** What the manager under test looks after; knows who uses it. */
export class ChaosResource {
  readonly id: number;
  readonly kind: WorkerKind;
  readonly context: CreateContext;
  /** When its creation began; together with its place in the order of creations. */
  readonly begun: number;
  readonly createdAt: number;
  state: 'alive' | 'destroying' | 'destroyed' = 'alive';
  uses = 0;
  readonly users: Set<Run> = new Set();
  /** The hook that looks at it now. */
  hook: 'validate' | 'onRelease' | undefined = undefined;
  /** Why no task may start on it any more. */
  condemned: string | undefined = undefined;
  /** Runs that have had it, for late invalidations. */
  readonly contexts: { invalidate(reason?: unknown): void }[] = [];

  constructor(id: number, context: CreateContext, begun: number, createdAt: number) {
    this.id = id;
    this.kind = context.kind;
    this.context = context;
    this.begun = begun;
    this.createdAt = createdAt;
  }

  condemn(why: string): void {
    this.condemned ??= why;
  }

  /** For logs. */
  toJSON(): string {
    return `${this.kind} resource ${this.id}`;
  }
}
