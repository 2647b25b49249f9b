import { expect, test } from 'vitest';
import type { Want } from '../../electron/engine/core/want.ts';
import { NotShown } from '../../electron/engine/mirror/not-shown.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';

const CONTENT = { kind: 'file', size: 1, mtime: 0, sha256: '0'.repeat(64) } as const;

function ready(path: string, release: number | null, target: Want['target'] = CONTENT): Ready {
  const want = { ...newWant(0), path: path as SitePath, target, seq: 1, transfer: 1, release };
  return { want, verdict: 'fetch', staged: null };
}

test('what is left of a release counts on the deletes that go first of it, where those are taken back', () => {
  const lost = new NotShown(siteRules.parse({}));
  lost.add([ready('elsewhere', null)]);
  expect(lost.takesAlong([ready('other', 8)])).toBe(false);
  expect(lost.takesAlong([ready('page', 7, { kind: 'gone' })])).toBe(true);
  expect(lost.takesAlong([ready('new', 7)])).toBe(true);
  expect(lost.takesAlong([ready('other', 8)])).toBe(false);
});
