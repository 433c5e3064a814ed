export { registerManager } from './register-manager.ts';

export type { RegisterOptions } from './register-manager.ts';
