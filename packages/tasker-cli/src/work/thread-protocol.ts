import type { OverloadVerdict, TaskInfo, Verdict, WorkerKind, WorkerRef } from 'tasker';
import type { EncodedResult } from '../basics/encoded-result.ts';
import type { ErrorDescription } from '../basics/error-description.ts';

/** What a thread is made with. */
export interface ThreadData {
  readonly path: string;
  readonly kind: WorkerKind;
}

/** What a thread is told of an item, beside the item. */
export interface ThreadTask {
  readonly index: number;
  readonly task: TaskInfo & { readonly worker: WorkerRef };
}

/** What a thread answers. */
export type ThreadOutcome = { readonly result: EncodedResult } | Failure;

/** The error of an item, and what `checkHealth` says of it; undefined without one. */
export interface Failure {
  readonly error: ErrorDescription;
  readonly judgement: Judgement | undefined;
}

export type HealthVerdict = boolean | Verdict | OverloadVerdict;

/** A verdict, or why there is none. */
export type Judgement = { readonly verdict: HealthVerdict } | { readonly mistake: string };
