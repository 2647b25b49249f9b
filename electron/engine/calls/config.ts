import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigView } from '../../../shared/contract/config-changes.ts';
import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { CONFIG_FILE } from '../config/config-file.ts';
import { changedConfig, withoutChange } from '../core/changed-config.ts';
import { originOf } from '../hooks/post-event.ts';
import { STORE_FILE } from '../install/node.ts';
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
      let before = node.config;
      const after = await node.edit((config) => changedConfig((before = config), changes));
      const fault = await context.applied(
        (['ftp', 'link', 'console'] as const).filter((listener) => changes[listener] !== undefined),
      );
      if (fault) {
        // All is what it was, in the file too, but for what others have written there meanwhile.
        await node.edit((config) => withoutChange(config, before, after));
        await context.applied();
        throw fault;
      }
      return view();
    },
  };
}

/** The path and the query of a hook's address and the arguments of its program may be secrets: they stand in the file only. */
function shown(config: Config): Config {
  const hooks = config.hooks.map(({ url, command, ...hook }) => ({
    ...hook,
    ...(url !== undefined && { url: originOf(url) }),
    ...(command && { command: command.length > 1 ? [...command.slice(0, 1), '…'] : command }),
  }));
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
