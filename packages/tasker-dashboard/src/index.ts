export { createDashboard } from './web/dashboard.ts';
export { nodeListener, serve } from './web/serve.ts';

export type { Dashboard } from './web/dashboard.ts';
export type { DashboardOptions } from './web/options.ts';
export type { DashboardServer, ServeOptions } from './web/serve.ts';
export type { DashboardManager } from './basics/shown-state.ts';
