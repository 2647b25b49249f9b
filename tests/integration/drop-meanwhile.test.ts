import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FTPError } from 'basic-ftp';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../electron/engine/link/identity.ts';
import { OwnLogins } from '../../electron/engine/master/own-logins.ts';
import { compare } from '../../electron/engine/publishing/compare.ts';
import type { Connection } from '../../electron/engine/publishing/connection.ts';
import { FileWay, type TemporaryNames } from '../../electron/engine/publishing/file-way.ts';
import { ftpPlace } from '../../electron/engine/publishing/ftp-place.ts';
import { HashCache } from '../../electron/engine/publishing/hash-cache.ts';
import { Job } from '../../electron/engine/publishing/job.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { dropPlanLines } from '../../electron/entry/cli/drop-text.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { type Place, type PlaceEntry, UNKNOWN } from '../../electron/engine/publishing/place.ts';
import { ownRoute } from '../../electron/engine/publishing/routes.ts';
import { current, type Way } from '../../electron/engine/publishing/way.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { drop, dropMaster, folderOf, HERE, settled } from '../support/drops.ts';
import { releaseSite } from '../support/release-site.ts';

const signal = new AbortController().signal;

test('what is left out of a drop stays at its place, however much that is', async () => {
  const folder = await folderOf({ 'kept.txt': '' });
  const links = Array.from({ length: 1_100 }, (_, number) => `link-${number}`);
  for (const name of links) await symlink('kept.txt', join(folder, name));
  const there = [...links, 'gone.txt'].map((name): PlaceEntry => ({ name, kind: 'file', size: 0, mtime: 0 }));
  const place = { list: () => Promise.resolve(there), hash: () => Promise.resolve(undefined), bytesMax: 1 };
  const tree = await readLocalTree([folder], ROOT, signal);
  const options = { into: ROOT, delete: true, hashes: new HashCache(), signal, width: 1 };
  const { removed, leftOut } = await compare(tree, place, options);
  expect({ removed, leftOut }).toEqual({ removed: [{ path: 'gone.txt', kind: 'file' }], leftOut: links.length });
});

test('a review says of all that is left out how much it is, and lists the first thousand', async () => {
  const { engine } = await dropMaster();
  const folder = await folderOf({ 'kept.txt': 'kept' });
  for (let number = 0; number < 1_100; number += 1) await symlink('kept.txt', join(folder, `link-${number}`));
  const plan = await engine.call('publish.plan', { to: HERE, sources: [folder], delete: false });
  expect(plan).toMatchObject({ new: ['kept.txt'], refusedCount: 1_100 });
  expect(plan.refused).toHaveLength(1_000);
  expect(dropPlanLines(plan)).toContain('  ! left out: 100 more');
});

test('who has said yes to some deletes is asked again where the folder has been emptied since', async () => {
  const { engine, root } = await dropMaster();
  const names = Array.from({ length: 20 }, (_, number) => `${number}.txt`);
  const folder = await folderOf(Object.fromEntries(names.map((name) => [name, name])));
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done' } });
  for (const name of names.slice(0, 12)) await rm(join(folder, name));
  const { id, state } = await drop(engine, { sources: [folder], delete: true });
  expect(state).toMatchObject({ is: 'stopped', error: { code: 'guard.held', params: { count: 12, of: 20 } } });
  for (const name of names.slice(12)) await rm(join(folder, name));
  const goOn = async () => {
    await engine.call('publish.resume', { job: id, allowDeletes: true });
    return (await settled(engine, id)).state;
  };
  expect(await goOn()).toMatchObject({ is: 'stopped', error: { params: { count: 20, of: 20 } } });
  expect(await readdir(root)).toHaveLength(21);
  expect(await goOn()).toMatchObject({ is: 'done', changes: 20 });
});

test('who empties one folder of a large site is asked, however many files stand beside it', async () => {
  const { engine, root } = await dropMaster();
  const names = Array.from({ length: 20 }, (_, number) => `${number}.txt`);
  const files = Object.fromEntries(names.map((name) => [name, name]));
  const beside = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`old/${number}.html`, 'old']));
  const news = Object.fromEntries(names.map((name) => [`news/${name}`, name]));
  await drop(engine, { sources: [await folderOf({ ...beside, ...news })] });
  const emptied = await folderOf({ '0.txt': '0.txt' });
  const held = { code: 'guard.held', params: { count: 19, of: 20 } };
  expect(await drop(engine, { sources: [emptied], into: 'news', delete: true })).toMatchObject({
    state: { is: 'stopped', error: held },
  });
  const order = { folder: emptied, name: 'emptied', into: 'news', delete: true };
  await expect(engine.call('release.publish', order)).rejects.toMatchObject(held);
  expect((await readdir(join(root, 'news'))).toSorted()).toEqual(Object.keys(files).toSorted());
});

test('where a file has gone since all was compared, who goes on publishes what is there by now', async () => {
  const folder = await folderOf({ 'a.txt': 'a', 'b.txt': 'b' });
  const calls: string[] = [];
  const job = jobOf(folder, calls, {
    async open() {
      await rm(join(folder, 'b.txt'), { force: true });
      return { is: 'open', connection: SILENT as unknown as Connection, isNew: false };
    },
  });
  await job.run();
  expect(job.state).toMatchObject({ is: 'stopped', error: { code: 'file.not-found' } });
  job.resume(false);
  await job.run();
  expect(job.show()).toMatchObject({ state: { is: 'done', changes: 1 }, files: { done: 1, total: 1 } });
  expect(calls).toEqual(['send a.txt', 'abort', 'send a.txt', 'commit']);
});

test('a release that is refused as the site has changed is compared anew with it when a person goes on', async () => {
  const folder = await folderOf({ 'f/a.txt': 'a' });
  const calls: string[] = [];
  let there: PlaceEntry[] = [{ name: 'f', kind: 'dir', size: 0, mtime: 0 }];
  const refused = new AppError('publish.refused', { reply: '550 “/f/a.txt” was changed by somebody else.' });
  const job = jobOf(
    folder,
    calls,
    {
      commit(_connection, changes) {
        calls.push('commit');
        const hasGone = there.length === 0;
        there = [];
        return hasGone ? Promise.resolve({ changes }) : Promise.reject(refused);
      },
    },
    { list: (path) => Promise.resolve(path === ROOT ? there : []) },
  );
  await job.run();
  expect(job.state).toMatchObject({ is: 'stopped', error: { code: 'publish.refused' } });
  job.resume(false);
  await job.run();
  expect(job.state).toMatchObject({ is: 'done', changes: 2 });
  expect(calls).toEqual(['send f/a.txt', 'commit', 'abort', 'MKD /f', 'send f/a.txt', 'commit']);
});

test('what a server lists, and tells no hash of, is sent; a name of another form is another one', async () => {
  const info = (name: string) => ({ name, size: 4, isFile: true, isDirectory: false, modifiedAt: new Date(0) });
  const connection = {
    features: new Set(['HASH SHA-256;']),
    has: () => false,
    list: () => Promise.resolve(['caf\u00e9.html', 'u\u0308ber.html', 'b.html'].map(info)),
    slowCommand: (text: string) => Promise.reject(new FTPError({ code: 550, message: `550 ${text}` })),
  } as unknown as Connection;
  const folder = await folderOf({ 'caf\u00e9.html': 'here', '\u00fcber.html': 'here' });
  const tree = await readLocalTree([folder], ROOT, signal);
  const options = { into: ROOT, delete: true, hashes: new HashCache(), signal, width: 1 };
  const { files, removed } = await compare(tree, ftpPlace(connection, ''), options);
  expect(files.map(({ path, isNew }) => ({ path, isNew }))).toEqual([
    { path: 'caf\u00e9.html', isNew: false },
    { path: '\u00fcber.html', isNew: true },
  ]);
  expect(removed).toEqual([{ path: 'b.html', kind: 'file' }]);
});

test('a file of the site that goes while it is compared is sent', async () => {
  const { site } = await releaseSite();
  const identity = { id: 'an id' } as Identity;
  const listener = () => Promise.reject(new Error('not asked'));
  const order = { site, bytesMax: 1, title: 'a drop', logins: new OwnLogins(), drop: 'a drop', listener, identity };
  const { place } = await ownRoute(order).look(signal);
  expect(await place.hash('gone.txt' as SitePath)).toBe(UNKNOWN);
});

test('a name that is refused for its form does not go from the site for that', async () => {
  const { engine, root } = await dropMaster();
  await drop(engine, { sources: [await folderOf({ 'caf\u00e9.html': 'here', 'b.html': 'b' })] });
  const folder = await folderOf({ 'cafe\u0301.html': 'here', 'b.html': 'b' });
  const order = { site: 'www', folder, name: 'the folder', delete: true };
  const { plan } = await engine.call('release.publish', order);
  expect(plan).toMatchObject({ unchanged: 1, deleted: [], refused: [{ error: { code: 'path.invalid' } }] });
  expect((await readdir(root)).toSorted()).toEqual(['.lockstep', 'b.html', 'caf\u00e9.html']);
});

test('a file whose mode alone is changed while it is sent to a server without hashes is taken for sent', async () => {
  const server = new MemoryServer();
  const folder = await folderOf({ 'a.bin': 'all of it' });
  const [file] = (await readLocalTree([folder], ROOT, signal)).files;
  if (!file) throw new Error('there is no file');
  const onBytes = (): void => chmodSync(file.absolute, 0o600);
  await wayTo({ owner: 'one' }).send(server.session(), {
    file,
    again: false,
    hashes: new HashCache(),
    signal,
    onBytes,
  });
  expect(server.hashes()).toEqual({ '/a.bin': hashOf(Buffer.from('all of it')) });
});

describe('two drops to one folder of a server that knows no hashes', () => {
  const first = Buffer.alloc(100_000, '1');
  const second = Buffer.alloc(100_000, '2');
  const sendingOf = async (content: Buffer) => {
    const folder = await folderOf({ 'a.bin': content });
    const [file] = (await readLocalTree([folder], ROOT, signal)).files;
    if (!file) throw new Error('there is no file');
    return (again: boolean) => ({ file, again, hashes: new HashCache(), signal, onBytes: () => undefined });
  };

  test('a part that another drop has left is not continued', async () => {
    const server = new MemoryServer();
    const names: TemporaryNames = { owner: 'one target' };
    const [one, two] = [wayTo(names), wayTo(names)];
    const [ofOne, ofTwo] = [await sendingOf(first), await sendingOf(second)];
    await expect(one.send(server.session(50_000), ofOne(false))).rejects.toMatchObject({ code: 'publish.lost' });
    await expect(two.send(server.session(30_000), ofTwo(false))).rejects.toMatchObject({ code: 'publish.lost' });
    await one.send(server.session(), ofOne(true));
    expect(server.hashes()).toEqual({ '/a.bin': hashOf(first) });
    // What it had begun is gone, and it says nothing of the other's.
    await two.abort(server.session());
    await two.send(server.session(), ofTwo(true));
    expect(server.hashes()).toEqual({ '/a.bin': hashOf(second) });
  });

  test('by two installs, or by two targets of one: each has its own names', async () => {
    const server = new MemoryServer();
    const [one, two] = [wayTo({ owner: 'one' }), wayTo({ owner: 'two' })];
    const [ofOne, ofTwo] = [await sendingOf(first), await sendingOf(second)];
    await expect(one.send(server.session(50_000), ofOne(false))).rejects.toThrow();
    await expect(two.send(server.session(30_000), ofTwo(false))).rejects.toThrow();
    await one.send(server.session(), ofOne(true));
    expect(hashOf(server.files.get('/a.bin') ?? Buffer.alloc(0))).toBe(hashOf(first));
    await two.abort(server.session());
    expect(server.hashes()).toEqual({ '/a.bin': hashOf(first) });
  });

  test('what stepped aside comes back only where nothing newer has taken its place', async () => {
    const server = new MemoryServer('no overwriting');
    server.files.set('/a.bin', Buffer.from('old'));
    const names: TemporaryNames = { owner: 'one target' };
    const [one, two] = [wayTo(names), wayTo(names)];
    const [ofOne, ofTwo] = [await sendingOf(first), await sendingOf(second)];
    server.cutBefore = 'RNTO /a.bin';
    await expect(one.send(server.session(), ofOne(false))).rejects.toMatchObject({ code: 'publish.lost' });
    server.cutBefore = undefined;
    await two.send(server.session(), ofTwo(false));
    server.overwrites = true;
    await one.abort(server.session());
    expect(server.files.get('/a.bin')?.equals(second)).toBe(true);
  });
});

const SILENT = { end: () => Promise.resolve(), close: () => undefined };

/** A drop of a folder to a release somewhere, which tells what it does. */
function jobOf(folder: string, calls: string[], how: Partial<Way>, there: Partial<Place> = {}): Job {
  const connection = {
    ...SILENT,
    command: (text: string) => {
      calls.push(text);
      return Promise.resolve('');
    },
  } as unknown as Connection;
  const way: Way = {
    width: 1,
    atOnce: true,
    base: '',
    isBegun: true,
    isMissed: false,
    open: () => Promise.resolve({ is: 'open', connection, isNew: false }),
    async send(_connection, { file }) {
      const now = await current(file);
      calls.push(`send ${file.path}`);
      return { file: now, sha256: undefined };
    },
    commit(_connection, changes) {
      calls.push('commit');
      return Promise.resolve({ changes });
    },
    abort() {
      calls.push('abort');
      return Promise.resolve(undefined);
    },
    ...how,
  };
  const place: Place = {
    list: () => Promise.resolve([]),
    hash: () => Promise.resolve(undefined),
    bytesMax: Infinity,
    ...there,
  };
  const end = () => Promise.resolve();
  return new Job({
    id: 'a job',
    to: HERE,
    name: 'a drop',
    sources: [folder],
    into: ROOT,
    delete: false,
    allowDeletes: false,
    together: undefined,
    begins: { startedAt: systemClock.now(), state: { is: 'queued' } },
    route: {
      look: () => Promise.resolve({ way, place, width: 1, end }),
      close: () => undefined,
    },
    hashes: new HashCache(),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    retry: { delays: { first: 1, longest: 1 }, tries: 2 },
    onChange: () => undefined,
  });
}

function wayTo(names: TemporaryNames): FileWay {
  return new FileWay(() => Promise.reject(new Error('not asked for')), '', names, { begun: {}, note: () => undefined });
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A server in memory, as far as a file is sent to it. */
class MemoryServer {
  readonly files = new Map<string, Buffer>();
  overwrites: boolean;
  /** The second time that this command comes, the connection is lost. */
  cutBefore: string | undefined;
  #times = 0;
  #from = '';

  constructor(how?: 'no overwriting') {
    this.overwrites = how === undefined;
  }

  hashes(): Record<string, string> {
    return Object.fromEntries([...this.files].map(([name, content]) => [name, hashOf(content)]));
  }

  /** `bytes`: so many come, then it is lost. */
  session(bytes = Infinity): Connection {
    const session = {
      features: new Set<string>(),
      has: (feature: string) => feature === 'REST STREAM',
      ask: (text: string) => Promise.resolve(this.#do(text)),
      command: (text: string) => {
        if (text === this.cutBefore && (this.#times += 1) === 2) throw new Error('lost');
        const answer = this.#do(text);
        if (answer === undefined) throw new FTPError({ code: 550, message: `550 ${text}` });
        return Promise.resolve(answer);
      },
      upload: async (content: AsyncIterable<Uint8Array>, name: string, before: readonly string[] = []) => {
        const offset = Number(before[0]?.split(' ')[1] ?? 0);
        const parts = [(this.files.get(name) ?? Buffer.alloc(0)).subarray(0, offset)];
        for await (const chunk of content) parts.push(Buffer.from(chunk));
        const all = Buffer.concat(parts);
        this.files.set(name, all.subarray(0, bytes));
        if (all.length > bytes) throw new Error('lost');
      },
    };
    return session as unknown as Connection;
  }

  #do(text: string): string | undefined {
    const [verb = '', name = ''] = text.split(' ');
    const file = this.files.get(name);
    switch (verb) {
      case 'SIZE':
        return file && String(file.length);
      case 'DELE':
        return this.files.delete(name) ? 'gone' : undefined;
      case 'RNFR':
        this.#from = name;
        return file && 'where to?';
      case 'RNTO': {
        const moved = this.files.get(this.#from);
        if (!moved || (file && !this.overwrites)) return undefined;
        this.files.delete(this.#from);
        this.files.set(name, moved);
        return 'renamed';
      }
      default:
        return 'fine';
    }
  }
}
