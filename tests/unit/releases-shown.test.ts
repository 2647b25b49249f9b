import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../electron/engine/store/open.ts';
import { ReleaseStore } from '../../electron/engine/store/releases.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('what a mirror that is stuck reports again and again is not looked up in a large release each time', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const site = store.insert("INSERT INTO site (name, journal) VALUES ('www', 'j')");
  const releases = new ReleaseStore(store, site);
  const paths = Array.from({ length: 50_000 }, (_, index) => `page-${index}` as SitePath);
  const last = paths.length;
  const overtaken = 'page-9999';
  store.transaction(() => {
    paths.forEach((path, index) =>
      store.run(
        "INSERT INTO entry (site, path, kind, seq) VALUES (?, ?, 'dir', ?)",
        site,
        path,
        path === overtaken ? last + 2 : index + 1,
      ),
    );
    const before = paths.map((path) => ({ path, state: { kind: 'gone' } as const }));
    releases.add({ first: 1, last, name: 'large', at: 1, account: 'a', before, peers: ['tokyo'] });
  });
  const report = (seq: number): boolean => releases.setPublishedUpTo(seq, 'tokyo', 2);
  const workOf = (times: number): number => {
    // Of this process's own work: what else goes on at the machine does not count.
    const begun = process.cpuUsage();
    for (let time = 0; time < times; time += 1) expect(report(last + 1)).toBe(false);
    const { user, system } = process.cpuUsage(begun);
    return user + system;
  };
  const once = workOf(1);
  expect(workOf(50)).toBeLessThan(10 * once);
  expect(report(last + 2)).toBe(true);
});
