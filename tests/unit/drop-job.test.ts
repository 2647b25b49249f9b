import { appendFile, chmod, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FTPError } from 'basic-ftp';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../electron/engine/publishing/connection.ts';
import { HashCache } from '../../electron/engine/publishing/hash-cache.ts';
import { Job, type Retry } from '../../electron/engine/publishing/job.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { ReleaseWay } from '../../electron/engine/publishing/release-way.ts';
import type { Opened, Way } from '../../electron/engine/publishing/way.ts';
import { dropLines } from '../../electron/entry/cli/drop-text.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { folderOf } from '../support/drops.ts';

const lost = new AppError('publish.lost', { path: '', reason: 'ECONNRESET' });
const connection = { closed: false, close: () => undefined, end: () => Promise.resolve() } as unknown as Connection;
const { signal } = new AbortController();
const open: Opened = { is: 'open', connection, isNew: false };

test('a drop whose end was not heard of is not cancelled where it was published', async () => {
  const job = await lostAtItsEnd([open, { is: 'published', release: 7, changes: 1 }]);
  await expect(job.cancel()).rejects.toMatchObject({ code: 'publish.ended' });
  expect(job.state).toEqual({ is: 'done', release: 7, changes: 1 });
});

test('nor where the server commits it while it is asked to give it up', async () => {
  const job = await lostAtItsEnd([open, open], () => Promise.resolve({ release: 8, changes: 1 }));
  await expect(job.cancel()).rejects.toMatchObject({ code: 'publish.ended' });
  expect(job.state).toEqual({ is: 'done', release: 8, changes: 1 });
});

test('nor where nobody can be asked: it is stopped, and goes on when a person says so', async () => {
  const job = await lostAtItsEnd([open, lost, { is: 'published', release: 9, changes: 1 }]);
  await expect(job.cancel()).rejects.toMatchObject({ code: 'publish.lost' });
  expect(job.state).toMatchObject({ is: 'stopped', error: { code: 'publish.lost' } });
  job.resume(false);
  await job.run();
  expect(job.state).toEqual({ is: 'done', release: 9, changes: 1 });
});

test('one that was given up in time is cancelled', async () => {
  const job = await lostAtItsEnd([open, open]);
  await job.cancel();
  expect(job.state).toMatchObject({ is: 'cancelled' });
});

test('a commit that is refused because an earlier one was carried out is a success', async () => {
  const said: string[] = [];
  const server = {
    slowCommand: () => Promise.reject(new FTPError({ code: 550, message: '550 There is no such release.' })),
    command: (text: string) => {
      said.push(text);
      if (text.startsWith('SITE RELEASE RESULT')) return Promise.resolve('published 12 3');
      return Promise.resolve(text.startsWith('SITE RELEASE HOLD') ? 'ab12 is the release' : '');
    },
  } as unknown as Connection;
  const way = new ReleaseWay(() => Promise.reject(new Error('not asked')), '', 'a release');
  await way.begin(server);
  expect(await way.commit(server, 3, undefined)).toEqual({ release: 12, changes: 3 });
  expect(said.at(-1)).toBe('SITE RELEASE RESULT ab12');
});

test('where the reply to HOLD is lost the release that it holds is gone on with, and no other one is begun', async () => {
  const said: string[] = [];
  let isLost = true;
  const server = {
    ask(text: string) {
      said.push(text);
      return Promise.resolve(text.startsWith('CWD') ? undefined : '');
    },
    command(text: string) {
      said.push(text);
      if (text.startsWith('SITE RELEASE HOLD') && isLost) return Promise.reject(lost);
      return Promise.resolve(text.startsWith('SITE RELEASE BEGIN') ? 'ab12 is the release: it is open.' : '');
    },
  } as unknown as Connection;
  const way = new ReleaseWay(() => Promise.reject(new Error('not asked')), '/news', 'a release');
  await expect(way.begin(server)).rejects.toMatchObject({ code: 'publish.lost' });
  isLost = false;
  expect(await way.begin(server)).toMatchObject({ is: 'open', isNew: false });
  expect(said).toEqual([
    'SITE RELEASE BEGIN a release',
    'CWD /news',
    'MKD /news',
    'SITE RELEASE HOLD 3600',
    'SITE RELEASE JOIN ab12',
  ]);
});

test('one that is cancelled when its release was begun, and nothing sent to it yet, is given up there', async () => {
  const done: string[] = [];
  const job = await jobOf(
    {
      // Begun, and lost before it was heard of.
      open: () => (done.push('open') === 1 ? Promise.reject(lost) : Promise.resolve(open)),
      abort: () => Promise.resolve(void done.push('abort')),
    },
    undefined,
    { delays: { first: 60_000, longest: 60_000 }, tries: 6 },
  );
  void job.run();
  await expect.poll(() => job.state.is).toBe('retrying');
  await job.cancel();
  expect(job.state).toMatchObject({ is: 'cancelled' });
  expect(done).toEqual(['open', 'open', 'abort']);
});

test('where the master cannot say now what came of a release no other one is begun in its place', async () => {
  const said: string[] = [];
  const server = {
    ask: () => Promise.resolve(undefined),
    command: (text: string) => {
      said.push(text);
      if (text.startsWith('SITE RELEASE RESULT'))
        return Promise.reject(new FTPError({ code: 451, message: '451 The disk does not answer.' }));
      return Promise.resolve('ab12 is the release');
    },
  } as unknown as Connection;
  const way = new ReleaseWay(() => Promise.reject(new Error('not asked')), '', 'a release');
  await way.begin(server);
  await expect(way.begin(server)).rejects.toMatchObject({ code: 'publish.put-off' });
  await expect(way.abort(server)).rejects.toMatchObject({ code: 'publish.put-off' });
  expect(said.filter((text) => text.startsWith('SITE RELEASE BEGIN'))).toHaveLength(1);
});

test('a file that is written to while it is sent to a release is not taken for sent', async () => {
  const folder = await folderOf({ 'a.txt': 'a half' });
  const [file] = (await readLocalTree([folder], ROOT, signal)).files;
  if (!file) throw new Error('there is no file');
  const session = {
    command: () => Promise.resolve(''),
    async upload(content: AsyncIterable<Uint8Array>) {
      for await (const bytes of content) if (bytes.length > 0) await appendFile(file.absolute, ' and another');
    },
  } as unknown as Connection;
  const way = new ReleaseWay(() => Promise.reject(new Error('not asked')), '', 'a release');
  const sending = { file, again: false, hashes: new HashCache(), signal, onBytes: () => undefined };
  await expect(way.send(session, sending)).rejects.toMatchObject({ code: 'file.changed' });
});

test('a file whose mode or time alone is changed while it is sent to a release is taken for sent', async () => {
  const folder = await folderOf({ 'a.txt': 'all of it' });
  const [file] = (await readLocalTree([folder], ROOT, signal)).files;
  if (!file) throw new Error('there is no file');
  const session = {
    command: () => Promise.resolve(''),
    async upload(content: AsyncIterable<Uint8Array>) {
      for await (const _ of content) await chmod(file.absolute, 0o600);
      await utimes(file.absolute, 1, 1);
    },
  } as unknown as Connection;
  const way = new ReleaseWay(() => Promise.reject(new Error('not asked')), '', 'a release');
  const sending = { file, again: false, hashes: new HashCache(), signal, onBytes: () => undefined };
  expect(await way.send(session, sending)).toMatchObject({ file: { path: 'a.txt', size: 9 } });
});

test('what is written to, or goes, after it was sent is told', async () => {
  const folder = await folderOf({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c', 'd.txt': 'd' });
  const job = await jobOf(
    {
      async send(_connection, { file, hashes }) {
        const sent = { file, sha256: (await hashes.hash(file, signal)).sha256 };
        if (file.path !== 'd.txt') return sent;
        await appendFile(join(folder, 'a.txt'), 'later');
        await rm(join(folder, 'b.txt'));
        await chmod(join(folder, 'c.txt'), 0o600);
        return sent;
      },
    },
    folder,
  );
  await job.run();
  expect(job.state).toEqual({ is: 'done', changes: 4, changedSince: 2 });
  expect(dropLines(job.show())).toEqual([
    'Published to www “a drop”: 4 changes.',
    '2 files were changed after being sent: publish again to include that.',
  ]);
});

test('a file that is written to all the time stops its drop in the end', async () => {
  let sent = 0;
  const job = await jobOf({
    send(_connection, { file, onBytes }) {
      sent += 1;
      for (const bytes of [0, file.size]) onBytes(bytes);
      return Promise.reject(new AppError('file.changed', { path: file.path }));
    },
  });
  await job.run();
  expect(job.state).toMatchObject({ is: 'stopped', error: { code: 'file.changed' } });
  expect(sent).toBe(3);
});

test('where all has to be sent again the folder is read again', async () => {
  const folder = await folderOf({ 'index.html': 'here' });
  const sent: string[] = [];
  let commits = 0;
  const job = await jobOf(
    {
      open: () => Promise.resolve({ is: 'open', connection, isNew: true }),
      send(_connection, { file }) {
        sent.push(file.path);
        return Promise.resolve({ file, sha256: undefined });
      },
      async commit(_connection, changes) {
        if ((commits += 1) > 1) return { changes };
        await writeFile(join(folder, 'later.html'), 'later');
        throw lost;
      },
    },
    folder,
  );
  await job.run();
  expect(job.state).toEqual({ is: 'done', changes: 2 });
  expect(sent).toEqual(['index.html', 'index.html', 'later.html']);
});

test('so is all of it where the connection is lost once more, and the release that was begun in its place goes on', async () => {
  const opens = [true, true, false].map((isNew): Opened => ({ is: 'open', connection, isNew }));
  const sent: string[] = [];
  const job = await jobOf(
    {
      open: () => Promise.resolve(opens.shift() ?? open),
      send(_connection, { file }) {
        sent.push(file.path);
        return sent.length === 2 ? Promise.reject(lost) : Promise.resolve({ file, sha256: undefined });
      },
      abort: () => Promise.reject(lost),
    },
    await folderOf({ 'a.txt': 'a', 'b.txt': 'b' }),
  );
  await job.run();
  expect(job.state).toEqual({ is: 'done', changes: 2 });
  expect(sent).toEqual(['a.txt', 'b.txt', 'a.txt', 'b.txt']);
});

/** A drop that waits to try again after it was to be published and the connection was lost. `opens`: how the server is met. */
async function lostAtItsEnd(opens: (Opened | AppError)[], abort: Way['abort'] = () => Promise.resolve(undefined)) {
  const how: Partial<Way> = {
    open() {
      const next = opens.shift();
      return next instanceof AppError || !next
        ? Promise.reject(next ?? new Error('opened too often'))
        : Promise.resolve(next);
    },
    commit: () => Promise.reject(lost),
    abort,
  };
  const job = await jobOf(how, undefined, { delays: { first: 60_000, longest: 60_000 }, tries: 6 });
  void job.run();
  await expect.poll(() => job.state.is).toBe('retrying');
  return job;
}

/** A drop to a place that has nothing yet. */
async function jobOf(how: Partial<Way>, folder?: string, retry: Retry = SOON): Promise<Job> {
  const way: Way = {
    width: 1,
    atOnce: true,
    base: '',
    isBegun: true,
    isMissed: false,
    open: () => Promise.resolve(open),
    send: (_connection, { file }) => Promise.resolve({ file, sha256: undefined }),
    commit: (_connection, changes) => Promise.resolve({ changes }),
    abort: () => Promise.resolve(undefined),
    ...how,
  };
  const job = new Job({
    id: 'a job',
    to: { kind: 'site', site: 'www' },
    name: 'a drop',
    sources: [folder ?? (await folderOf({ 'a.txt': 'a' }))],
    into: undefined,
    delete: false,
    allowDeletes: false,
    together: undefined,
    begins: { startedAt: systemClock.now(), state: { is: 'queued' } },
    route: {
      look: () => Promise.resolve({ way, place, width: 1, end: () => Promise.resolve() }),
      close: () => undefined,
    },
    hashes: new HashCache(),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    retry,
    onChange: () => undefined,
  });
  onTestFinished(() => job.stop());
  return job;
}

const SOON: Retry = { delays: { first: 1, longest: 1 }, tries: 3 };
const place = { list: () => Promise.resolve([]), hash: () => Promise.resolve(undefined), bytesMax: 1e9 };
