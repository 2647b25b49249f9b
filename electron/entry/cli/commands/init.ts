import { readdir } from 'node:fs/promises';
import { name } from '../../../../shared/contract/primitives.ts';
import { initNode } from '../../../engine/install/init-node.ts';
import { answer, command, jsonOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { plain } from '../text.ts';
import { dataFolder, parseAddress, parseChoice, sameInstall } from '../values.ts';

const address = { type: 'string', value: 'HOST:PORT' } as const;

export const init = command({
  words: 'init',
  summary: 'set up a new install: a master, which publishes, or a mirror, which follows',
  options: {
    role: { type: 'string', value: 'master|mirror', required: true, help: 'what this install is' },
    name: { type: 'string', value: 'NAME', help: "its name (default: this machine's name)" },
    ftp: { ...address, help: 'master: where the FTP server listens (default 0.0.0.0:2121)' },
    link: { ...address, help: 'where it listens for peers (default: master 0.0.0.0:2122, mirror nowhere: it dials)' },
    console: { ...address, help: 'where the console listens (default: 127.0.0.1, any port)' },
    'plain-ftp': { type: 'boolean', help: 'master: also accept FTP without TLS, with passwords in the clear' },
    ...jsonOption,
  },
  notes: ['Port 0 means any free port. lockstep status shows which.'],
  async run({ values }, io) {
    const role = parseChoice('--role', values.role, ['master', 'mirror']);
    if (role === 'mirror' && (values.ftp !== undefined || values['plain-ftp']))
      throw wrong(
        '--ftp and --plain-ftp are for a master: a mirror serves no FTP',
        'Leave them out, or write --role master',
      );
    if (!name.optional().safeParse(values.name).success)
      throw wrong(
        `--name “${plain(values.name ?? '')}” is no name of an install`,
        'Use letters, digits, “.”, “_” and “-”, at most 64, and begin with a letter or digit',
      );
    const dataDir = dataFolder(values.data, io);
    await refuseFilled(dataDir);
    const config = await initNode(dataDir, {
      role,
      plainFtp: values['plain-ftp'],
      ...(values.name !== undefined && { name: values.name }),
      ...(values.ftp !== undefined && { ftp: parseAddress('--ftp', values.ftp) }),
      ...(values.link !== undefined && { link: parseAddress('--link', values.link) }),
      ...(values.console !== undefined && { console: parseAddress('--console', values.console, '127.0.0.1') }),
    });
    const next = role === 'master' ? 'site add NAME PATH' : 'join CODE --root PATH';
    return answer(io, values, { dataDir, node: config.node }, () => [
      `The ${role} ${config.node.name} is set up in ${dataDir}.`,
      `Next: lockstep ${next}${sameInstall(values.data)}`,
    ]);
  },
});

/** What an install has in its data folder, also where its making or its restoring was broken off, and the app. A home has hidden files. */
const OWN =
  /^(?:\..*|config\.json|config\.lock|engine\.lock|identity.*|lockstep\.db.*|run\.json|sent|restor(?:ing|ed)-.*|desktop\.json|window\.json|browser|lost\+found)$/;

/** A folder of somebody's files is no place for keys and a database. */
async function refuseFilled(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch(() => []);
  const other = names.find((each) => !OWN.test(each));
  if (other !== undefined)
    throw wrong(
      `“${plain(dataDir)}” holds other files, such as “${plain(other)}”`,
      'Name an empty folder with --data, or one that is not there yet',
    );
}
