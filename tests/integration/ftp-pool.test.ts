import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { MIRROR_PASSWORD, startMaster } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a job that is given up while it waits for a connection is not done, and the next one gets it', async () => {
  const master = await startMaster(await temporaryFolder());
  onTestFinished(() => master.stop());
  const source = { host: '127.0.0.1', port: master.port, user: 'tokyo', password: MIRROR_PASSWORD, certificate: null };
  const pool = new FtpPool(source, 1, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const holding = pool.use(() => first.promise);
  const giveUp = new AbortController();
  const overtaken = pool.use(async () => void done.push('overtaken'), giveUp.signal).catch((error: unknown) => error);
  const next = pool.use(async (client) => void done.push(`next in ${await client.pwd()}`));
  giveUp.abort();
  first.resolve();
  await holding;
  expect(await overtaken).toMatchObject(new AppError('fetch.superseded').toJSON());
  await next;
  expect(done).toEqual(['next in /']);
});
