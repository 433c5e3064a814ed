import { describe, expect, it } from 'vitest';
import { FakeResource } from '../../src/testing/fake-resource.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

function make(options: { places?: number; clock?: VirtualClock } = {}) {
  const violations: string[] = [];
  const resource = new FakeResource({ ...options, id: 3, onViolation: (message) => violations.push(message) });
  return { resource, violations };
}

const hang = (): Promise<void> => new Promise(() => {});

describe('FakeResource', () => {
  it('is used by one after another, and counts', async () => {
    const { resource, violations } = make();
    expect(await resource.use(() => 'sync')).toBe('sync');
    expect(await resource.use(async () => 'async')).toBe('async');
    await resource.use();
    await expect(
      resource.use(() => {
        throw new Error('own');
      }),
    ).rejects.toThrow('own');
    expect([resource.uses, resource.users, resource.state, violations]).toEqual([4, 0, 'alive', []]);
  });

  it('is used for a time on its clock', async () => {
    const clock = new VirtualClock();
    const { resource } = make({ clock });
    const work = resource.work(100);
    await clock.advance(99);
    expect(resource.users).toBe(1);
    await clock.advance(1);
    await work;
    expect(resource.users).toBe(0);
  });

  it('refuses more users at once than it has places', async () => {
    const { resource, violations } = make({ places: 2 });
    void resource.use(hang);
    void resource.use(hang);
    await expect(resource.use()).rejects.toThrow('resource 3 was used by more than 2 at once');
    expect(violations).toEqual(['resource 3 was used by more than 2 at once']);
    expect(resource.uses).toBe(2);
  });

  it('refuses to be used once its destruction has begun', async () => {
    const { resource, violations } = make();
    const end = resource.destroy(async () => {
      expect(resource.state).toBe('destroying');
      await expect(resource.use()).rejects.toThrow('resource 3 was used after its destruction began');
    });
    await end;
    expect(resource.state).toBe('destroyed');
    await expect(resource.use()).rejects.toThrow('resource 3 was used after its destruction');
    expect(violations).toHaveLength(2);
  });

  it('refuses to be destroyed twice', async () => {
    const { resource, violations } = make();
    const first = resource.destroy();
    await expect(resource.destroy()).rejects.toThrow('resource 3 was destroyed twice');
    await first;
    await expect(resource.destroy()).rejects.toThrow('resource 3 was destroyed twice');
    expect(violations).toEqual(['resource 3 was destroyed twice', 'resource 3 was destroyed twice']);
  });

  it('is gone even if its destruction fails', async () => {
    const { resource } = make();
    const failing = resource.destroy(() => Promise.reject(new Error('stuck')));
    await expect(failing).rejects.toThrow('stuck');
    expect(resource.state).toBe('destroyed');
  });

  it('rejects every use after it died, which is nobody’s fault', async () => {
    const { resource, violations } = make();
    resource.die();
    await expect(resource.use()).rejects.toThrow('resource 3 is dead');
    expect([resource.state, resource.uses, violations]).toEqual(['dead', 0, []]);
    await resource.destroy();
    resource.die();
    expect(resource.state).toBe('destroyed');
  });

  it('needs no options', async () => {
    const resource = new FakeResource();
    await resource.work(0);
    expect([resource.id, resource.uses]).toEqual([1, 1]);
    void resource.use(hang);
    await expect(resource.use()).rejects.toThrow('by more than 1 at once');
  });
});
