export { until } from '../../../tasker/test/faults/until.ts';
