export { publishEvents } from './publish-events.ts';
export { shutdownOnSignals } from './shutdown-on-signals.ts';

export type { ShutdownOptions } from './shutdown-on-signals.ts';
