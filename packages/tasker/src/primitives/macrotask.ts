/** What a runtime may have of it; only timers are everywhere. */
interface Runtime {
  setImmediate?: (fn: () => void) => unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
  setTimeout: (fn: () => void, ms: number) => unknown;
}

interface Port {
  addEventListener(type: 'message', listener: () => void): void;
  start(): void;
  postMessage(message: unknown): void;
  close(): void;
}

/**
 * The quickest way of a runtime to call a function in a task of its own, behind every microtask and what those queue:
 * `setImmediate`, else a message, else a timer (which browsers slow down to 4 ms when they are nested). Under fake timers that
 * were there first, those of Jest's `enableGlobally`, it is a message, since nobody fakes that.
 */
export function findMacrotask(runtime: object): (fn: () => void) => void {
  const { setImmediate, MessageChannel, setTimeout } = runtime as Runtime;
  if (setImmediate !== undefined && !isFake(setImmediate)) return (fn) => void setImmediate(fn);
  if (MessageChannel !== undefined) {
    return (fn) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => {
        port1.close(); // an open port keeps the process alive
        fn();
      });
      port1.start();
      port2.postMessage(undefined);
    };
  }
  return (fn) => void setTimeout(fn, 0);
}

/** The fakes of Jest, Vitest and Sinon carry their clock. */
const isFake = (timer: object): boolean => 'clock' in timer;

/** Calls `fn` in a task of its own. Looked up once, when the module is loaded, so that fake timers installed later do not stop us. */
export const inMacrotask: (fn: () => void) => void = findMacrotask(globalThis);
