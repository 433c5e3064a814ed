import type { ComponentChildren } from 'preact';
import type { ManagerLimits } from 'tasker';

/** Something to be confirmed and done. */
export interface Action {
  readonly title: string;
  readonly text: ComponentChildren;
  /** The words of the button. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** What is said when it is done. */
  readonly done: string;
  /** Fields to be filled in. */
  readonly sizes?: Sizes;
  readonly run: (sizes?: Sizes) => Promise<void>;
}

/** What a resize sets. */
export type Sizes = Pick<ManagerLimits, 'workerCount' | 'maxWorkerCount' | 'resourcePoolSize'>;
