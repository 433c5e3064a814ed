import type { Reporter } from '../reports/reporter.ts';
import type { DirectLine } from '../flow/direct-line.ts';
import type { Dispatcher } from '../flow/dispatcher.ts';
import type { EarlyEnds } from '../flow/early-ends.ts';
import type { Fleet } from '../flow/fleet.ts';
import type { FlowParts } from '../flow/parts.ts';
import type { ResolvedConfig } from './config.ts';

/** What decides on workers and on start and end works with. */
export interface ManagerParts<R> extends FlowParts<R> {
  readonly config: ResolvedConfig<R>;
  readonly reporter: Reporter;
  readonly dispatcher: Dispatcher<R>;
  readonly fleet: Fleet<R>;
  readonly line: DirectLine<R>;
  readonly early: EarlyEnds<R>;
}
