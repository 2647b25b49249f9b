import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import type { CallParams } from '../../shared/contract/calls.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import { until } from './until.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const PASSWORD = 'a password of a test';

/** A whole engine of a master with the site `www`, whose FTP server listens on any port of loopback. */
export async function dropMaster(): Promise<{ engine: Engine; root: string; dataDir: string; port: number }> {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  await mkdir(root);
  const any = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: any, link: any, console: any });
  const logger = pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' }, pino.destination(2));
  const engine = await createEngine({ clock: systemClock, logger, secrets: fileSecrets(dataDir) }, dataDir);
  onTestFinished(() => engine.stop());
  await engine.call('site.add', { name: 'www', root });
  return { engine, root, dataDir, port: engine.listeners().ftp?.port ?? 0 };
}

/** A folder with these files. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

export type Start = CallParams<'publish.start'>;

export const HERE: Start['to'] = { kind: 'site' };

/** Starts a drop, and resolves it when it has ended, or a person has to act. */
export async function drop(engine: Engine, start: Partial<Start> & Pick<Start, 'sources'>): Promise<PublishJob> {
  const { id } = await engine.call('publish.start', { to: HERE, name: 'a drop', ...start });
  return settled(engine, id);
}

export async function settled(engine: Engine, id: string): Promise<PublishJob> {
  return reaches(engine, id, ({ state: { is } }) => is === 'done' || is === 'stopped' || is === 'cancelled');
}

export async function reaches(engine: Engine, id: string, isThere: (job: PublishJob) => boolean): Promise<PublishJob> {
  let found: PublishJob | undefined;
  await until(async () => {
    found = (await engine.call('publish.list', {})).find((job) => job.id === id);
    return found !== undefined && isThere(found);
  }, 'the drop');
  if (!found) throw new Error('there is no such job');
  return found;
}
