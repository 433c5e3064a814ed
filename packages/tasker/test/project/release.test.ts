import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PACKAGES, problems } from '../../../../release/check.ts';
import type { Manifest } from '../../../../release/check.ts';

const manifest = (name: string, version = '1.2.0', dependencies: Record<string, string> = {}): Manifest => ({
  name,
  version,
  dependencies,
});
const ready = {
  manifests: [manifest('tasker'), manifest('tasker-cli', '1.2.0', { tasker: '^1.2.0' })],
  changelog: '# Changelog\n\n## Pending\n\n## 1.2.0 (2026-12-01)\n\n- New.\n\n## 1.1.0 (2026-11-30)\n',
};

describe('a release', () => {
  test('is ready when versions, changelog and tag agree', () => {
    expect(problems(ready)).toEqual([]);
    expect(problems({ ...ready, tag: 'v1.2.0' })).toEqual([]);
  });

  test('waits while a package has another version, or asks for another one', () => {
    const manifests = [manifest('tasker'), manifest('tasker-cli', '1.1.0', { tasker: '^1.1.0' })];
    expect(problems({ ...ready, manifests })).toEqual([
      'tasker-cli has version 1.1.0, tasker has 1.2.0',
      'tasker-cli asks for tasker ^1.1.0, not ^1.2.0',
    ]);
  });

  test('waits while something is pending in the changelog', () => {
    const changelog = ready.changelog.replace('## Pending\n', '## Pending\n\n- Another one.\n');
    expect(problems({ ...ready, changelog })).toEqual([
      'CHANGELOG.md: move what is below "## Pending" to "## 1.2.0 (YYYY-MM-DD)"',
    ]);
  });

  test('waits while the changelog does not name the version, or has no place for what is next', () => {
    expect(problems({ ...ready, changelog: '# Changelog\n\n## 1.1.0 (2026-11-30)\n' })).toEqual([
      'CHANGELOG.md has no section "## Pending"',
      'CHANGELOG.md has no section "## 1.2.0 (YYYY-MM-DD)"',
    ]);
  });

  test('waits while the tag names another version', () => {
    expect(problems({ ...ready, tag: 'v1.1.0' })).toEqual(['the tag v1.1.0 is not v1.2.0']);
  });

  test('is checked before npm publishes any of the packages', () => {
    for (const name of PACKAGES) {
      const path = new URL(`../../../${name}/package.json`, import.meta.url);
      const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { scripts: Record<string, string> };
      expect(scripts['prepublishOnly']).toBe('tsx ../../release/check.ts');
    }
  });
});
