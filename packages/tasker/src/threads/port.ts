import type { Message } from './protocol.ts';
import type { Gauge } from './shared.ts';

/** Whom a {@link ThreadPort} tells what its thread does. Nothing is called before `listen`, and nothing after `onExit`. */
export interface ThreadEvents {
  readonly onMessage: (message: Message) => void;
  /** An error outside of any call. The thread is not usable any more; `onExit` follows. */
  readonly onError: (error: unknown) => void;
  /**
   * The thread has ended, and so have its messages. `code` is that of `process.exit`, where there is such a thing; `signal`
   * names what has ended a process.
   */
  readonly onExit: (code?: number, signal?: string) => void;
}

/** A thread of whatever runtime: what is needed of it. */
export interface ThreadPort {
  /** The runtime's number of the thread, if it has one. */
  readonly id: number | undefined;
  /** What it is called in messages. Default: `the thread`. */
  readonly subject?: string;
  /** How to tell it something while it computes. Default: by the numbers that it shares, see `shared.ts`. */
  readonly gauge?: Gauge;
  listen(events: ThreadEvents): void;
  /** Throws a `DataCloneError`. After the end it does nothing. */
  post(message: Message, transfer: readonly object[]): void;
  /** Whether the thread keeps the process alive; it does at first. */
  hold(isHeld: boolean): void;
  /** Ends the thread wherever it is, in an endless loop for example; `onExit` follows. */
  terminate(): void;
}

/** The thread's end of the connection. */
export interface HostPort {
  post(message: Message, transfer: readonly object[]): void;
  /** A message that has arrived and was not delivered yet. Absent where the runtime cannot tell. */
  receive?(): Message | undefined;
  /** Resolves when what was printed has left the thread; undefined if all has. Absent where the runtime cannot tell. */
  printed?(): Promise<void> | undefined;
}

/** What a thread is called in messages. */
export function subjectOf(port: ThreadPort): string {
  return port.subject ?? 'the thread';
}
