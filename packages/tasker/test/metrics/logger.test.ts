import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/metrics/logger.ts';
import type { Logger } from '../../src/metrics/logger.ts';

describe('Logger', () => {
  it('is silent by default', () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      expect(silentLogger[level]('x', 1)).toBeUndefined();
  });

  it('may be the console as it is', () => {
    const logger: Logger = console;
    expect(logger).toBe(console);
  });
});
