import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'basic-ftp';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { Install } from '../../electron/entry/demo/install.ts';
import { connectPublisher } from '../../electron/entry/demo/publisher.ts';
import { test as base } from './console-page.ts';

export interface Pair {
  readonly master: Install;
  readonly mirror: Install;
  readonly home: string;
  /** The folder of the mirror. */
  readonly copy: string;
  readonly client: Client;
  readonly console: { readonly url: string };
}

/** A master and a mirror that really run, a publisher who is logged in, and the console of the master. */
export const test = base.extend<{ pair: Pair }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
  pair: async ({}, use) => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-e2e-')));
    const [site, copy] = [join(home, 'site'), join(home, 'copy')];
    for (const folder of [site, copy]) mkdirSync(folder);
    const master = new Install('origin', join(home, 'master'));
    const mirror = new Install('tokyo', join(home, 'mirror'));
    try {
      await master.lockstep(
        'init',
        '--role',
        'master',
        '--name',
        'origin',
        '--ftp',
        '127.0.0.1:0',
        '--link',
        '127.0.0.1:0',
      );
      await master.lockstep('site', 'add', 'www', site);
      waitLongForMissingTargets(master);
      const account = await master.lockstep('account', 'add', 'editor', '--site', 'www', '--json');
      await master.run();
      await mirror.lockstep('init', '--role', 'mirror', '--name', 'tokyo');
      await mirror.lockstep('join', await master.lockstep('invite'), '--root', copy);
      await mirror.run();
      const { node, listeners } = await master.status();
      const { password } = JSON.parse(account) as { password: string };
      const login = { host: '127.0.0.1', port: listeners.ftp?.port ?? 0, user: 'editor', password };
      const client = await connectPublisher({ ...login, fingerprint: node.id });
      const run = await readRunFile(master.dataDir);
      const url = `https://127.0.0.1:${run?.port}/#token=${run?.token}`;
      await use({ master, mirror, home, copy, client, console: { url } });
      client.close();
    } finally {
      await mirror.stop();
      await master.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  },
});

/** The ten seconds of the default are too short for a slow machine to see. */
function waitLongForMissingTargets({ dataDir }: Install): void {
  const file = join(dataDir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { sites: object[] };
  const sites = config.sites.map((site) => ({ ...site, links: { missing: 600_000 } }));
  writeFileSync(file, JSON.stringify({ ...config, sites }));
}
