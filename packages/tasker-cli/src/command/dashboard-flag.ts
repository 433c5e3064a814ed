import { Option } from 'commander';
import { port } from './flag-values.ts';

export const dashboardFlag = (description: string): Option =>
  new Option('--dashboard [port]', `${description}, by tasker-dashboard; without a port on one that is free`).argParser(
    port,
  );
