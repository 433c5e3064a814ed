import type { Telemetry } from 'bullmq';
import type { Rule } from '../basics/option-rules.ts';

export type { Telemetry };

export const TELEMETRY: Rule = [
  'an object with a tracer and a contextManager, as BullMQOtel of bullmq-otel is',
  (value) => typeof value === 'object' && value !== null && 'tracer' in value && 'contextManager' in value,
];
