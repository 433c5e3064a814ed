import { describe, expect, it } from 'vitest';
import { start } from './run.ts';

describe('each example runs and ends by itself', () => {
  it('calculator: results, a failure that is the task’s own, and priorities', async () => {
    const { code, output } = await start('calculator.ts').ended;
    expect(output).toContain('2 + 3 = 5');
    expect(output).toContain('1 / 0: cannot divide 1 by zero');
    expect(output).toContain('order: first, soon, normal, later');
    expect(code).toBe(0);
  });

  it('image processor: sick renderers are replaced and their images tried again', async () => {
    const { code, output } = await start('image-processor.ts').ended;
    expect(output).toContain('renderer 1 destroyed: sick');
    expect(output).toContain('image 5 is tried again');
    expect(output).toContain('9 images, 1 broken, 2 retries');
    expect(code).toBe(0);
  });

  it('bursting: the workers grow to their limit and shrink back to one', async () => {
    const { code, output } = await start('bursting.ts').ended;
    expect(output).toContain('derived 40 keys of 32 bytes');
    expect(output).toMatch(/grew to 4 workers, back to 1\nmade (\d+), destroyed \1/);
    expect(code).toBe(0);
  });

  it('pglite: a database per worker, with real SQL, and a crash', async () => {
    const { code, output } = await start('pglite.ts').ended;
    expect(output).toContain('failed: relation "customers" does not exist');
    expect(output).toContain('4 completed, 1 failed, 1 retried');
    expect(code).toBe(0);
  });

  it('http client: what is the connection’s fault is tried again, what is the answer’s is not', async () => {
    const { code, output } = await start('http-client.ts').ended;
    expect(output).toContain('/reset again: socket hang up');
    expect(output).toContain('hello from /busy');
    expect(output).toContain('Error: HTTP 404');
    expect(code).toBe(0);
  });
});
