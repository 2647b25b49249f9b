import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { CONFIG_FILE } from '../config-file.ts';
import { changedConfig } from '../core/changed-config.ts';
import { originOf } from '../hooks/post-event.ts';
import { STORE_FILE } from '../node.ts';
import type { CallContext, HandlersOf } from './context.ts';

export function configHandlers(context: CallContext): HandlersOf<'config'> {
  const { node } = context;
  const file = join(node.dataDir, CONFIG_FILE);
  const view = async (): Promise<ConfigView> => ({
    config: shown(node.config),
    revision: await revisionOf(file),
    dataDir: node.dataDir,
    file,
    databaseBytes: await bytesOf(join(node.dataDir, STORE_FILE)),
  });
  return {
    'config.get': view,

    'config.set': async ({ revision, changes }) => {
      if (changes.ftp && node.config.node.role !== 'master')
        throw new AppError('node.wrong-role', { wanted: 'master', role: node.config.node.role });
      if (revision !== undefined && revision !== (await revisionOf(file)))
        throw new AppError('config.changed', { file });
      const before = node.config;
      await node.edit((config) => changedConfig(config, changes));
      try {
        await context.applied();
      } catch (error) {
        // An address that cannot be listened at: all is what it was, in the file too.
        const { node: own, ftp, link, console, historyDays } = before;
        await node.edit(({ link: _link, ftp: _ftp, ...config }) => ({
          ...config,
          node: own,
          console,
          historyDays,
          ...(ftp && { ftp }),
          ...(link && { link }),
        }));
        await context.applied();
        throw error;
      }
      return view();
    },
  };
}

/** The path and the query of a hook's address may be secrets: they stand in the file only. */
function shown(config: Config): Config {
  const hooks = config.hooks.map((hook) => (hook.url === undefined ? hook : { ...hook, url: originOf(hook.url) }));
  return { ...config, hooks };
}

async function revisionOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

async function bytesOf(database: string): Promise<number> {
  const sizes = [database, `${database}-wal`].map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
