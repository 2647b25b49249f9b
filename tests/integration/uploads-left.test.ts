import { mkdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import type { Upload, UploadOptions } from '../../electron/engine/master/site-files.ts';
import { beginUpload, existingAt, type Finished } from '../../electron/engine/master/upload.ts';
import { DataFile } from '../../electron/engine/tree/data-file.ts';
import type { Change } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PATH = 'a' as SitePath;
const ACCOUNT = 'publisher';
const OLD = 'old content';

type Begin = (how?: Partial<UploadOptions>, path?: SitePath) => Promise<Upload>;

/** A folder with an older file, uploads of one account to it, and what becomes of those. */
async function aFolder(commit: (finished: Finished) => Promise<void> = () => Promise.resolve()) {
  const folder = await temporaryFolder();
  const there = join(folder, 'a');
  await writeFile(there, OLD);
  mkdirSync(join(folder, 'incoming'));
  const incoming = new Incoming(join(folder, 'incoming'));
  const aborted: string[] = [];
  const begin: Begin = (how = {}, path = PATH) =>
    beginUpload({
      incoming,
      path,
      existing: () => Promise.resolve(existingAt(join(folder, path))),
      options: { by: { account: ACCOUNT }, ...how },
      bytesMax: 2 ** 40,
      now: () => 1_600_000_000_000,
      logger: pino({ level: 'silent' }),
      async commit(finished) {
        await commit(finished);
        await writeFile(there, await readFile(incoming.absolute(finished.staged)));
        await incoming.drop(incoming.absolute(finished.staged));
        return {} as Change;
      },
      aborted: (bytes, reason) => aborted.push(`${bytes} ${reason}`),
    });
  const sending = async (bytes: string, how: Partial<UploadOptions> = {}): Promise<Upload> => {
    const upload = await begin(how);
    await upload.write(Buffer.from(bytes));
    return upload;
  };
  return {
    there,
    incoming,
    aborted,
    begin,
    sending,
    names: () => readdir(join(folder, 'incoming')),
    part: async () => {
      const part = await incoming.part(PATH, ACCOUNT);
      return part && (await readFile(part.absolute, 'utf8'));
    },
    refusesToGoOn: async () => {
      await expect(begin({ restartAt: 3 })).rejects.toMatchObject({ code: 'upload.other-version' });
      await expect(begin({ append: true })).rejects.toMatchObject({ code: 'upload.other-version' });
    },
  };
}

/** The next time that a file is flushed, or read, waits until `release` is called. */
function slow(what: 'sync' | 'read'): { started: Promise<unknown>; release: () => void } {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const real = DataFile.prototype[what];
  const spy = vi.spyOn(DataFile.prototype, what).mockImplementationOnce(async function (
    this: DataFile,
    ...args: never[]
  ) {
    begun.resolve();
    await released.promise;
    return Reflect.apply(real, this, args) as never;
  });
  onTestFinished(() => spy.mockRestore());
  return { started: begun.promise, release: released.resolve };
}

test('an upload counts as under way until what is left of it has its name', async () => {
  const { sending, part, refusesToGoOn } = await aFolder();
  const upload = await sending('new');
  const { started, release } = slow('sync');
  const ending = upload.breakOff('reset');
  await started;
  await refusesToGoOn();
  release();
  await ending;
  expect(await part()).toBe('new');
});

test('of an upload that cannot be kept it is known all the same that it is not the older file, until its account begins again', async () => {
  const { incoming, sending, aborted, begin, refusesToGoOn } = await aFolder();
  const spy = vi.spyOn(incoming, 'keep').mockImplementationOnce(() => {
    throw new Error('no');
  });
  await (await sending('new')).breakOff('reset');
  expect(spy).toHaveBeenCalled();
  expect(aborted).toEqual(['3 reset']);
  await refusesToGoOn();
  await (await sending('whole')).commit();
  expect(incoming.isUnderWay(PATH, ACCOUNT)).toBe(false);
  const added = await begin({ append: true });
  expect(added.offset).toBe(5);
  await added.breakOff('reset');
});

test('of an upload that fails in the end, and of which nothing can be left, the same is known', async () => {
  const { incoming, sending, refusesToGoOn } = await aFolder(() => Promise.reject(new Error('no')));
  vi.spyOn(incoming, 'keepEmpty').mockRejectedValueOnce(new Error('no room'));
  await expect((await sending('new')).commit()).rejects.toThrow('no');
  await refusesToGoOn();
  incoming.giveUp(PATH, ACCOUNT);
  expect(incoming.isUnderWay(PATH, ACCOUNT)).toBe(false);
});

test('what breaks off right after an upload was published is there to go on with, however slowly files are removed', async () => {
  const { sending, part, incoming } = await aFolder();
  await (await sending('first')).breakOff('reset');
  const drop = incoming.drop.bind(incoming);
  const dropping = Promise.withResolvers<void>();
  const brokenOff = Promise.withResolvers<void>();
  vi.spyOn(incoming, 'drop').mockImplementation(async (absolute) => {
    if (absolute.includes('part-')) {
      dropping.resolve();
      await brokenOff.promise;
    }
    await drop(absolute);
  });
  const committing = (await sending(' and the rest', { restartAt: 5 })).commit();
  await Promise.race([dropping.promise, committing]);
  await (await sending('newer')).breakOff('reset');
  brokenOff.resolve();
  await committing;
  expect(await part()).toBe('newer');
});

test('what breaks off while a newer upload forgets what was left before is not forgotten with it', async () => {
  const { sending, begin, part } = await aFolder();
  await (await sending('first')).breakOff('reset');
  const { started, release } = slow('sync');
  const beginning = begin();
  await started;
  const newest = await sending('newest');
  await newest.breakOff('reset');
  release();
  const late = await beginning;
  expect(await part()).toBe('newest');
  await late.breakOff('reset');
});

test('what the whole overtakes while it is being flushed is not kept after it', async () => {
  const { sending, part } = await aFolder();
  const lost = await sending('new');
  const { started, release } = slow('sync');
  const ending = lost.breakOff('reset');
  await started;
  await (await sending('as a whole')).commit();
  release();
  await ending;
  expect(await part()).toBe('');
});

test('what is left of an older upload does not take the place of what is left of a newer one', async () => {
  const { sending, part, begin } = await aFolder();
  const older = await sending('first, a long one');
  await (await sending('second')).breakOff('reset');
  expect(await part()).toBe('second');
  await older.breakOff('control-lost');
  expect(await part()).toBe('second');
  const again = await begin({ restartAt: 6 });
  await again.write(Buffer.from('!'));
  await again.commit();
  const late = await sending('third');
  await (await sending('fourth')).breakOff('reset');
  await late.commit();
  expect(await part()).toBe('fourth');
});

test.each([
  ['a whole file', undefined],
  ['what is left of one', 3],
])('%s that is not taken in the end leaves the older file to nobody who goes on', async (_, restartAt) => {
  let isFull = true;
  const { sending, refusesToGoOn, names } = await aFolder(() =>
    isFull ? Promise.reject(new Error('no room')) : Promise.resolve(),
  );
  if (restartAt !== undefined) await (await sending('new')).breakOff('reset');
  const upload = await sending('the rest', restartAt === undefined ? {} : { restartAt });
  await expect(upload.commit()).rejects.toThrow('no room');
  await refusesToGoOn();
  isFull = false;
  await (await sending('as a whole')).commit();
  expect(await names()).toEqual([]);
});

test('what went on from a file that somebody else has replaced meanwhile, and came to nothing, is not tried again from the new one', async () => {
  const { sending, refusesToGoOn, there } = await aFolder();
  const upload = await sending('!', { restartAt: 3 });
  await writeFile(there, 'of somebody else');
  await upload.breakOff('disk-full');
  await refusesToGoOn();
});

test('adding to a file that fails in the end keeps nobody from adding to it', async () => {
  let isFull = true;
  const { sending, names } = await aFolder(() => (isFull ? Promise.reject(new Error('no room')) : Promise.resolve()));
  await expect((await sending('!', { append: true })).commit()).rejects.toThrow('no room');
  expect(await names()).toEqual([]);
  isFull = false;
  await (await sending('!', { append: true })).commit();
});

test('what is left of an upload is there still where going on with it could not be begun', async () => {
  const { sending, part, begin } = await aFolder();
  await (await sending('new')).breakOff('reset');
  const spy = vi.spyOn(DataFile, 'open').mockImplementationOnce(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  await expect(begin({ restartAt: 3 })).rejects.toThrow();
  spy.mockRestore();
  expect(await part()).toBe('new');
  const create = vi.spyOn(DataFile, 'create').mockImplementationOnce(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  await expect(begin()).rejects.toThrow();
  create.mockRestore();
  expect(await part()).toBeDefined();
});

test('what is left of an upload is gone on with under a name that is on disk', async () => {
  const { incoming, sending, part, begin } = await aFolder();
  await (await sending('new')).breakOff('reset');
  const spy = vi.spyOn(incoming, 'flush').mockRejectedValueOnce(new Error('not on disk'));
  await expect(begin({ restartAt: 3 })).rejects.toThrow('not on disk');
  expect(await part()).toBe('new');
  spy.mockRestore();
  await (await sending('!', { restartAt: 3 })).commit();
});

test('while what is left of an upload is read to go on with it, nobody goes on from an older file', async () => {
  const { sending, begin, refusesToGoOn } = await aFolder();
  await (await sending('new')).breakOff('reset');
  const { started, release } = slow('read');
  const again = begin({ restartAt: 3 });
  await started;
  await refusesToGoOn();
  release();
  await (await again).commit();
});

test.each([
  ['a newer upload that broke off before', (newer: Upload) => newer.breakOff('reset')],
  ['the newer one of two', () => undefined],
])('after a crash what is left is that of %s', async (_, before) => {
  const { incoming, sending, part, names } = await aFolder();
  await sending('first, a long one');
  await before(await sending('second'));
  await new Incoming(incoming.folder).sweep(Date.now(), 'process');
  expect(await part()).toBe('second');
  expect(await names()).toHaveLength(1);
});

test('after a crash of which nobody knows which of two uploads was the last, neither is gone on with', async () => {
  const { incoming, part, names } = await aFolder();
  for (const bytes of ['first', 'second']) await writeFile(incoming.absolute(incoming.newName(PATH, ACCOUNT)), bytes);
  await new Incoming(incoming.folder).sweep(Date.now(), 'process');
  expect(await part()).toBe('');
  expect(await names()).toHaveLength(1);
});

test('an upload that was overtaken is published all the same where it comes to its end', async () => {
  const { sending, there, names } = await aFolder();
  const older = await sending('first, a long one');
  await (await sending('as a whole')).commit();
  await older.write(Buffer.from('!'));
  await older.commit();
  expect(await readFile(there, 'utf8')).toBe('first, a long one!');
  expect(await names()).toEqual([]);
});

test('after a crash nothing is left to go on with of what was being sent when its account sent the whole', async () => {
  const { incoming, sending, part, refusesToGoOn } = await aFolder();
  await sending('first, a long one');
  await (await sending('as a whole')).commit();
  await new Incoming(incoming.folder).sweep(Date.now(), 'process');
  expect(await part()).toBe('');
  await refusesToGoOn();
});

test('an empty file is added to', async () => {
  const { sending, begin } = await aFolder();
  await (await begin()).commit();
  await (await sending('line', { append: true })).commit();
});
