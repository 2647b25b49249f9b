import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IMPORT_LENGTH_MAX, type ImportSkip, type TargetImport } from '../../../../shared/contract/target-import.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../../engine/tree/file-error.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { plain, table, things } from '../text.ts';

export const targetImport = command({
  words: 'target import',
  summary: 'save the FTP servers from a FileZilla site file or a netrc',
  positionals: ['FILE'],
  options: {
    only: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'only this one, by the name that it gets; may be repeated',
    },
    'dry-run': { type: 'boolean', help: 'say what would be saved, but save nothing' },
    ...jsonOption,
  },
  notes: ['FILE is sitemanager.xml, a FileZilla export, or ~/.netrc. It is not changed.'],
  async run({ values, positionals: [name = ''] }, io) {
    const text = await readText(resolve(io.cwd, name));
    const params = { text, dryRun: values['dry-run'], ...(values.only.length > 0 && { only: [...values.only] }) };
    const found = await ask(io, values, 'target.import', params);
    return answer(io, values, found, () => describe(found, values['dry-run']));
  },
});

/** Rejects `import.too-large`, `file.*`. */
async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      // A character is one byte at least, and four at most.
      const bytes = Buffer.alloc(4 * IMPORT_LENGTH_MAX + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const text = bytes.toString('utf8', 0, bytesRead);
      if (text.length > IMPORT_LENGTH_MAX) throw new AppError('import.too-large');
      return text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

function describe({ targets, skipped }: TargetImport, dryRun: boolean): string[] {
  const saved = `${things(targets.length, 'target')} ${dryRun ? 'would be' : targets.length === 1 ? 'is' : 'are'} saved.`;
  return [
    saved,
    ...table(
      targets.map(({ name, user, host, port, folder, protocol, hasPassword }) => [
        `  ${name}`,
        `${plain(user)}@${plain(host)}:${port}`,
        plain(folder || '~'),
        protocol === 'ftp' ? 'not encrypted' : 'TLS',
        hasPassword ? 'with its password' : 'without a password',
      ]),
    ),
    ...(skipped.length > 0 ? ['Left out:'] : []),
    ...skipped.map(({ name, reason }) => `  ${plain(name)}: ${WHY[reason]}`),
  ];
}

const WHY: Readonly<Record<ImportSkip, string>> = {
  sftp: 'it uses SFTP, which is not FTP',
  'implicit-tls':
    'it uses implicit TLS, which Lockstep does not support; most such servers also accept AUTH TLS on port 21',
  'other-protocol': 'it is not an FTP server',
  'no-server': 'it names no server',
  'no-user': 'it names no user',
  default: 'it is for any server',
  characters: 'part of it is too long, or has characters that are not allowed',
  'saved-already': 'it is saved already',
  'too-many': 'there are too many targets',
};
