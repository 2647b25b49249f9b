import { resolve } from 'node:path';
import { sentence } from '../../../../shared/errors/sentences.en.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { readBackup, writeBackup } from '../../../engine/install/backup.ts';
import { readConfig } from '../../../engine/config/config-file.ts';
import { answer, command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { count, plain, things } from '../text.ts';
import { dataFolder, sameInstall } from '../values.ts';

export const backup = command({
  words: 'backup',
  summary: 'write config, identity and database to one file, even while Lockstep runs',
  positionals: ['FILE'],
  options: jsonOption,
  notes: [
    'The file contains the key of the install: keep it secret. It does not contain the files of the sites, nor hook secrets or your',
    'own FTP certificate. The command lists those.',
  ],
  async run({ values, positionals: [name = ''] }, io) {
    const file = resolve(io.cwd, name);
    const { bytes, notSaved } = await writeBackup(dataFolder(values.data, io), file);
    return answer(io, values, { file, bytes, notSaved }, () => [
      `${plain(file)} is a backup of ${count(bytes)} bytes.`,
      ...notSaved.map(
        (each) =>
          `Not in it: ${plain(each)}, which config.json names. Save it yourself, and put it back before a restored install runs.`,
      ),
    ]);
  },
});

export const restore = command({
  words: 'restore',
  summary: 'set up an install from a backup, and read its sites again',
  positionals: ['FILE'],
  options: jsonOption,
  notes: [
    'The install that the backup is of must not run any more, here or elsewhere. Exit 1 where a site was not read.',
  ],
  async run({ values, positionals: [name = ''] }, io) {
    const dataDir = dataFolder(values.data, io);
    await readBackup(resolve(io.cwd, name), dataDir);
    const { node, sites, follows } = await readConfig(dataDir);
    const names = node.role === 'master' ? sites.map((site) => site.name) : follows.map(({ site }) => site);
    const seen = await readSites(dataDir, names);
    answer(io, values, { node, sites: seen.map(asJson) }, () => [
      `${node.name} (${node.role}) is as it was when the backup was made.`,
      ...seen.map(({ name: site, found, changed, error }) =>
        error
          ? `${site}: ${sentence(error, 'shell', sameInstall(values.data))}`
          : `${site}: ${things(found, 'entry', 'entries')} looked at, ${count(changed)} changed since.`,
      ),
      `Next: lockstep run${sameInstall(values.data)}`,
      'Everything is compared once with the other machines then; only what differs is fetched.',
    ]);
    return seen.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.done;
  },
});

interface Seen {
  readonly name: string;
  readonly found: number;
  readonly changed: number;
  readonly error?: AppError;
}

function asJson({ error, ...seen }: Seen): object {
  return error ? { ...seen, error: error.code } : seen;
}

/** Trees go on while a backup lies in a drawer: what they hold now is what counts. */
function readSites(dataDir: string, names: readonly string[]): Promise<Seen[]> {
  return withEngine(dataDir, async (engine) => {
    const seen: Seen[] = [];
    for (const name of names) {
      try {
        seen.push({ name, ...(await engine.call('site.rescan', { name, allowDeletes: false })) });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        seen.push({ name, found: 0, changed: 0, error });
      }
    }
    return seen;
  });
}
