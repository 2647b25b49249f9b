import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { Node } from '../../electron/engine/install/node.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { Notifier } from '../../electron/engine/master/notifier/notifier.ts';
import { PublishedSites } from '../../electron/engine/master/published-sites.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { loopbackGroup } from '../support/multicast-sites.ts';
import { noSecrets } from '../support/no-secrets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** The site `www`, open, announced by multicast; `configOf` is its config with these changes. */
async function announcedSites() {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'master', name: 'origin' });
  const node = await Node.open({ clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets }, dataDir);
  const { address, port } = loopbackGroup();
  const multicast = { group: address, port, interface: '127.0.0.1' };
  const root = await temporaryFolder();
  const sites: PublishedSites = new PublishedSites({
    node,
    live: new Live({ clock: systemClock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined }),
    onChange: () => undefined,
    notifier: () => notifier,
    endSessions: () => Promise.resolve(),
    endCheck: () => Promise.resolve(),
  });
  const notifier = new Notifier({ sites: () => sites.all(), clock: systemClock });
  onTestFinished(async () => {
    await sites.stop();
    node.close();
  });
  const configOf = async (change: object = {}) => {
    const { sites } = await node.edit((config) => ({
      ...config,
      sites: [{ name: 'www', root, multicast, ...change }],
    }));
    return sites;
  };
  await sites.apply(await configOf());
  sites.startWatching();
  await until(() => sites.get('www')?.announcer !== undefined, 'the site is announced');
  return { sites, configOf };
}

test('a site that is closed while it is announced anew stays closed', async () => {
  const { sites } = await announcedSites();
  await Promise.all([sites.announce('www', 'anew'), sites.apply([])]);
  expect(sites.all()).toEqual([]);
});

test('what the config says by now is in force, also where it changed while the site was announced anew', async () => {
  const { sites, configOf } = await announcedSites();
  const routes = [{ glob: 'public/**', mirrors: 'all' as const }];
  const changed = await configOf({ routes });
  await Promise.all([sites.announce('www', 'anew'), sites.apply(changed)]);
  expect(sites.get('www')).toMatchObject({ routes, config: { routes } });
});

test('a site that is announced anew twice at once has one announcer, and no other goes on', async () => {
  const { sites } = await announcedSites();
  const before = process.getActiveResourcesInfo().filter((resource) => resource.startsWith('UDP')).length;
  await Promise.all([sites.announce('www', 'anew'), sites.announce('www', 'anew')]);
  await until(
    () => process.getActiveResourcesInfo().filter((resource) => resource.startsWith('UDP')).length === before,
    'one socket announces',
  );
});

test('a site that is closed waits for nobody who has its folder read, also where it is watched', async () => {
  const { sites, configOf } = await announcedSites();
  await sites.apply(await configOf({ watch: true }));
  const site = sites.get('www');
  if (!site?.watch) throw new Error('it is watched');
  await until(() => site.watch?.isOn === true, 'the watch has begun');
  for (let folder = 0; folder < 40; folder += 1) await mkdir(join(site.files.root.folder, `${folder}`));
  let read = 0;
  const resolve = site.files.root.resolve.bind(site.files.root);
  vi.spyOn(site.files.root, 'resolve').mockImplementation(async (path) => {
    read += 1;
    await sleep(50);
    return resolve(path);
  });
  const reading = sites.rescan('www').catch((error: unknown) => error);
  await until(() => read > 0, 'it is being read');
  // The watch begins again, and has to wait for its turn to read it.
  site.watch.lost(new AppError('site.root-missing', { root: '' }));
  await until(() => site.watch?.trouble !== undefined, 'it has stopped');
  site.watch.retry();
  await sleep(200);
  await sites.apply([]);
  expect(await reading).toMatchObject({ code: 'cancelled' });
  expect(read).toBeLessThan(30);
});
