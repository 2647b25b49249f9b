import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HOOK_EVENT_BYTES_MAX } from '../../electron/engine/hooks/hooks.ts';
import { keyOf } from '../../electron/engine/hooks/hook-queue.ts';
import { openStore, type Store } from '../../electron/engine/store/open.ts';
import { ReleaseStore } from '../../electron/engine/store/releases.ts';
import { hook } from '../../shared/contract/hooks.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { hookServer, PublishingSite, startHooks } from '../support/hooks.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const paths = (events: readonly { readonly changes: readonly { readonly path: string }[] }[]): string[][] =>
  events.map(({ changes }) => changes.map(({ path }) => path));
/** Long enough for what is gathered to be told. */
const gathered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 700));

describe('what is published', () => {
  test('is told once, gathered, and what was published before a hook was set is not', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), []);
    const site = new PublishingSite(store, 'www');
    const old = site.publish('old');
    await hooks.apply([hook.parse({ on: 'published', url })]);
    const [a, b] = [site.publish('a'), site.publish('b')];
    hooks.fared('www', [...old, ...a, ...b]);
    hooks.fared(
      'www',
      a.map((row) => ({ ...row, state: 'fetched' })),
    );
    await expect.poll(() => told().length).toBe(1);
    hooks.fared('www', [...old, ...a]);
    await gathered();
    expect(told()).toMatchObject([{ changes: [{ path: 'a' }, { path: 'b' }], total: 2 }]);
  });

  test.each(['ahead', 'behind'])('is told also where the clock is %s by years', async (how) => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), [{ on: 'published', url }]);
    const site = new PublishingSite(store, 'www');
    hooks.fared('www', site.publish('now', Date.now()));
    await expect.poll(() => told().length).toBe(1);
    hooks.fared('www', site.publish('then', how === 'ahead' ? 9e12 : 5));
    await expect.poll(() => paths(told())).toEqual([['now'], ['then']]);
  });

  test('is told to a hook that is set twice once, and to hooks of another site not at all', async () => {
    const { url, told } = await hookServer(() => 200);
    const own = { on: 'published', url } as const;
    const { hooks, store } = await startHooks(await temporaryFolder(), [own, own, { ...own, site: 'other' }]);
    expect(hooks.status).toHaveLength(2);
    hooks.fared('www', new PublishingSite(store, 'www').publish('a'));
    await expect.poll(() => told().length).toBe(1);
    await gathered();
    expect(told()).toHaveLength(1);
  });

  test('is listed as far as an event has room, and counted', async () => {
    const { url, told, heard } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), [{ on: 'published', url }]);
    const site = new PublishingSite(store, 'www');
    const long = `${'n'.repeat(250)}/`.repeat(12);
    const rows = store.transaction(() => Array.from({ length: 120 }, (_, at) => site.publish(`${long}${at}`)));
    hooks.fared('www', rows.flat());
    await expect.poll(() => told().length).toBe(1);
    expect(told()[0]?.total).toBe(120);
    expect(told()[0]?.changes.length).toBeGreaterThan(50);
    expect(Buffer.byteLength(heard[0]?.body ?? '')).toBeLessThan(HOOK_EVENT_BYTES_MAX + 1000);
  });

  test('waits, of a site that is not open, until it is; of others it is told', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), [{ on: 'published', url }]);
    hooks.sitesAway(['www']);
    hooks.fared('www', new PublishingSite(store, 'www').publish('a'));
    hooks.fared('other', new PublishingSite(store, 'other').publish('b'));
    await expect.poll(() => paths(told())).toEqual([['b']]);
    await expect.poll(() => hooks.status).toMatchObject([{ queued: 1 }]);
    await gathered();
    expect(paths(told())).toEqual([['b']]);
    hooks.sitesAway([]);
    await expect.poll(() => paths(told())).toEqual([['b'], ['a']]);
  });
});

describe('a release', () => {
  const release = { name: 'Spring', account: 'alice', before: [], at: 1000 };
  const mirrors = ['p', 'q'];

  test('is told when the last mirror shows it, once, to hooks of its site', async () => {
    const { url, told } = await hookServer(() => 200);
    const own = { on: 'release-everywhere', url, site: 'www' } as const;
    const { hooks, store } = await startHooks(await temporaryFolder(), [own]);
    const [www, other] = [releasesOf(store, 'www'), releasesOf(store, 'other')];
    const look = (): void => hooks.lookAt(() => [www, other]);
    for (const { releases } of [www, other]) releases.add({ ...release, first: 8, last: 9, peers: mirrors });
    www.releases.add({ ...release, first: 10, last: 10, peers: [] });
    for (const { releases } of [www, other]) releases.setPublished(9, 'p', 1100);
    look();
    await gathered();
    expect(told()).toEqual([]);
    for (const { releases } of [www, other]) releases.setPublishedUpTo(20, 'q', 1120);
    for (let times = 0; times < 3; times += 1) look();
    await expect.poll(() => told().length).toBe(1);
    look();
    await gathered();
    expect(told()).toMatchObject([
      {
        event: 'release-everywhere',
        site: 'www',
        release: { id: 9, name: 'Spring', committedAt: 1000, convergedAfter: 120, mirrors },
      },
    ]);
    expect(other.releases.untold(10)).toEqual([]);
  });

  test('that is under way when a hook is set is told, one that was everywhere is not', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), []);
    const www = releasesOf(store, 'www');
    for (const last of [1, 2]) www.releases.add({ ...release, first: last, last, peers: mirrors });
    for (const peer of mirrors) www.releases.setPublished(1, peer, 1100);
    await hooks.apply([hook.parse({ on: 'release-everywhere', url })]);
    for (const peer of mirrors) www.releases.setPublishedUpTo(2, peer, 1100);
    hooks.lookAt(() => [www]);
    await expect.poll(() => told().length).toBe(1);
    hooks.lookAt(() => [www]);
    await gathered();
    expect(told()).toMatchObject([{ release: { id: 2 } }]);
  });

  test('is told with all that were everywhere when this was last looked at, however many', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, store } = await startHooks(await temporaryFolder(), [{ on: 'release-everywhere', url }]);
    const www = releasesOf(store, 'www');
    store.transaction(() => {
      for (let last = 1; last <= 120; last += 1) www.releases.add({ ...release, first: last, last, peers: ['p'] });
    });
    www.releases.setPublishedUpTo(120, 'p', 1100);
    hooks.lookAt(() => [www]);
    await expect.poll(() => told().length).toBe(120);
    expect(new Set(told().map(({ id }) => id)).size).toBe(120);
  });
});

describe('what was not told when Lockstep stopped', () => {
  test('is told after the next start, with the same id, and once it is taken no more', async () => {
    const folder = await temporaryFolder();
    const answers = [503];
    const { url, told } = await hookServer(() => answers.shift() ?? 200);
    const first = await startHooks(folder, [{ on: 'published', url }]);
    const site = new PublishingSite(first.store, 'www');
    first.hooks.fared('www', site.publish('a'));
    await expect.poll(() => first.hooks.status[0]?.failing).toBeDefined();
    first.hooks.fared('www', site.publish('b'));
    await first.hooks.stop();
    const second = await startHooks(folder, [{ on: 'published', url }]);
    await expect.poll(() => paths(told())).toEqual([['a'], ['a'], ['b']]);
    expect(told()[0]?.id).toBe(told()[1]?.id);
    await expect.poll(() => second.hooks.status[0]?.queued).toBe(0);
    await second.hooks.stop();
    const third = await startHooks(folder, [{ on: 'published', url }]);
    expect(third.hooks.status).toMatchObject([{ queued: 0 }]);
  });

  test('is told once after a crash, whenever it came, of several sites and however much it is', async () => {
    const folder = await temporaryFolder();
    let answer = 503;
    const { url, told } = await hookServer(() => answer);
    const own = { on: 'published', url } as const;
    const { hooks, store } = await startHooks(folder, [own]);
    const sites = ['www', 'other'].map((name) => new PublishingSite(store, name));
    const images: Store[] = [];
    /** What the disk holds at this moment, as after a crash. */
    const image = async (): Promise<void> => {
      const file = join(folder, `image-${images.length}.db`);
      store.run('VACUUM INTO ?', file);
      expect(existsSync(file)).toBe(true);
      images.push(await openStore(file));
    };
    const rows = sites.map((site) =>
      // By a clock that is set back and forth.
      store.transaction(() => Array.from({ length: 700 }, (_, at) => site.publish(`${at}`, (at * 7919) % 1000)).flat()),
    );
    await image();
    sites.forEach(({ name }, at) => hooks.fared(name, rows[at] ?? []));
    await expect.poll(() => told().length).toBe(1);
    await image();
    await hooks.stop();
    const [asked] = told();
    const noted = store.all('SELECT event FROM hook_event ORDER BY id').map(({ event }) => String(event));
    expect(noted).toHaveLength(2);
    expect(asked?.id).toBe(noted[0]);
    answer = 200;
    for (const [at, opened] of images.entries()) {
      onTestFinished(() => opened.close());
      const before = told().length;
      const again = await startHooks(folder, [own], opened);
      // As each site does when it is opened.
      for (const name of ['www', 'other']) {
        const { transfers } = new PublishingSite(opened, name);
        again.hooks.fared(name, transfers.of(transfers.untold()));
      }
      await expect.poll(() => told().length).toBe(before + 2);
      await gathered();
      const events = told().slice(before);
      expect(events.map(({ site, total, changes }) => [site, total, changes.length])).toEqual([
        ['www', 700, 500],
        ['other', 700, 500],
      ]);
      // Noted before the crash: by the same id.
      if (at === 1) expect(events.map(({ id }) => id)).toEqual(noted);
      await again.hooks.stop();
    }
  });

  test('is forgotten with a hook that is taken away, and a new one is told of nothing before it', async () => {
    const { url, heard } = await hookServer(() => 503);
    const own = hook.parse({ on: 'published', url });
    const { hooks, events, store } = await startHooks(await temporaryFolder(), [own]);
    const site = new PublishingSite(store, 'www');
    hooks.fared('www', site.publish('a'));
    await expect.poll(() => heard.length).toBe(1);
    site.publish('never told');
    expect([events.of(keyOf(own)).length, site.transfers.untold().length]).toEqual([1, 1]);
    await hooks.apply([]);
    expect([events.of(keyOf(own)), site.transfers.untold()]).toEqual([[], []]);
    site.publish('while there was none');
    await hooks.apply([own]);
    expect(hooks.status).toMatchObject([{ queued: 0 }]);
    expect(site.transfers.untold()).toEqual([]);
  });
});

describe('on a full disk', () => {
  test('hooks are there, and are noted when there is room', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, events, store } = await startHooks(await temporaryFolder(), []);
    const adopt = vi.spyOn(events, 'adopt').mockImplementationOnce(() => {
      throw new AppError('file.disk-full', {});
    });
    await hooks.apply([hook.parse({ on: 'published', url })]);
    await expect.poll(() => adopt.mock.calls.length).toBe(2);
    hooks.fared('www', new PublishingSite(store, 'www').publish('a'));
    await expect.poll(() => told().length).toBe(1);
  });

  test('an event is told when it can be noted, and not before', async () => {
    const { url, told } = await hookServer(() => 200);
    const { hooks, events, store } = await startHooks(await temporaryFolder(), [{ on: 'published', url }]);
    const site = new PublishingSite(store, 'www');
    const rows = store.transaction(() => Array.from({ length: 400 }, (_, at) => site.publish(`${at}`)).flat());
    const add = vi.spyOn(events, 'add');
    const pages = Number(store.get('PRAGMA page_count')?.['page_count']);
    store.get(`PRAGMA max_page_count = ${pages}`);
    hooks.fared('www', rows);
    await expect.poll(() => add.mock.results.map(({ type }) => type)).toContain('throw');
    expect([told(), site.transfers.untold().length]).toEqual([[], 400]);
    store.get('PRAGMA max_page_count = 1000000');
    await expect.poll(() => told().length).toBe(1);
    await gathered();
    expect(told()).toMatchObject([{ total: 400 }]);
  });
});

function releasesOf(store: Store, name: string): { name: string; releases: ReleaseStore } {
  store.run('INSERT INTO site (name) VALUES (?)', name);
  return {
    name,
    releases: new ReleaseStore(store, Number(store.get('SELECT id FROM site WHERE name = ?', name)?.['id'])),
  };
}
