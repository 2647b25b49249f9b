import { type Target, type TargetTest, targetPlace } from '../../../../shared/contract/publishing.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { answer, command, EXIT, type Io, jsonOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { askOnce, readPassword } from '../password.ts';
import { ask } from '../reach.ts';
import { moment, plain, table } from '../text.ts';
import { sameInstall } from '../values.ts';

const PLAIN_WARNING = 'Without TLS, anyone on the way can read the password, and read and change the files.';

export const targetAdd = command({
  words: 'target add',
  summary: 'save an FTP server as a target for drops',
  positionals: ['NAME', 'USER@HOST[:PORT]'],
  options: {
    folder: { type: 'string', value: 'PATH', help: 'the folder there (default: the login folder)' },
    fingerprint: {
      type: 'string',
      value: 'SHA256',
      help: 'trust the certificate with this fingerprint, as target test shows it (default: as a browser would)',
    },
    plain: { type: 'boolean', help: 'FTP without encryption' },
    'password-stdin': { type: 'boolean', help: 'read the password from standard input' },
    replace: { type: 'boolean', help: 'change the target of that name' },
    ...jsonOption,
  },
  notes: [
    'The password is stored encrypted: with a key next to the identity, or in the desktop app in the system keychain.',
  ],
  async run({ values, positionals: [name = '', address = ''] }, io) {
    const trust =
      values.fingerprint === undefined
        ? { by: 'authority' as const }
        : { by: 'fingerprint' as const, fingerprint: parseFingerprint(values.fingerprint, sameInstall(values.data)) };
    const protocol = values.plain ? ('ftp' as const) : ('ftps' as const);
    const target = { name, ...parsePlace(address), protocol, folder: values.folder ?? '', trust };
    if (values.plain) io.err(`lockstep: ${PLAIN_WARNING}`);
    const password = await passwordFor(values['password-stdin'], io);
    const params = { target, password, replace: values.replace };
    const saved = await ask(io, values, 'target.add', params);
    const next = `lockstep target test ${saved.name}${sameInstall(values.data)}`;
    return answer(io, values, saved, () => `The target ${saved.name} is saved. Next, test it: ${next}`);
  },
});

export const targetList = command({
  words: 'target list',
  summary: 'the FTP servers saved as targets for drops',
  options: jsonOption,
  async run({ values }, io) {
    const targets = await ask(io, values, 'target.list', {});
    const none = `No targets yet. Save one: lockstep target add NAME USER@HOST${sameInstall(values.data)}`;
    return answer(io, values, targets, () => (targets.length === 0 ? none : table(targets.map(targetLine))));
  },
});

export const targetRemove = command({
  words: 'target remove',
  summary: 'forget a target and its password',
  positionals: ['NAME'],
  options: jsonOption,
  async run({ values, positionals: [name = ''] }, io) {
    const removed = await ask(io, values, 'target.remove', { name });
    return answer(io, values, removed, () => `The target ${name} is forgotten. The files on the server stay.`);
  },
});

export const targetTest = command({
  words: 'target test',
  summary: 'connect to a target, log in, and show what it can do',
  positionals: ['NAME'],
  options: jsonOption,
  async run({ values, positionals: [name = ''] }, io) {
    const found = await ask(io, values, 'target.test', { name });
    answer(io, values, found, () => testLines(found, name, sameInstall(values.data)));
    return found.is === 'ready' ? EXIT.done : EXIT.failed;
  },
});

const KEPT = {
  system: 'password in the keychain',
  file: 'password kept',
  memory: 'password until Lockstep quits',
  none: 'no password',
} as const;

function targetLine({ name, host, port, protocol, user, folder, trust, password }: Target): string[] {
  const how =
    protocol === 'ftp' ? 'not encrypted' : trust.by === 'authority' ? 'TLS' : 'TLS, certificate confirmed by hand';
  return [name, `${plain(user)}@${plain(host)}:${port}`, plain(folder || '~'), how, KEPT[password]];
}

function testLines(found: TargetTest, name: string, same: string): string[] {
  if (found.is === 'confirm') {
    const { fingerprint, subject, issuer, validTo, problem } = found.certificate;
    return [
      `No authority vouches for this server’s certificate${problem === undefined ? '' : ` (${plain(problem)})`}. Nothing was sent to it.`,
      `  ${fingerprint}`,
      `  ${plain(subject)}, issued by ${plain(issuer)}, valid until ${moment(validTo)}`,
      `Compare it with what the server’s owner tells you, then: lockstep target add ${name} … --fingerprint ${fingerprint} --replace${same}`,
    ];
  }
  return [
    found.lockstep
      ? 'The login works. This is a Lockstep master: a drop appears there at once, as a release.'
      : 'The login works. A drop appears there file by file, pages after what they link to.',
    ...(found.proof === 'size' ? ['It gives no hashes: files are compared by size.'] : []),
    ...(found.folderMissing ? ['The folder does not exist yet. The first drop makes it.'] : []),
  ];
}

function parsePlace(text: string): { user: string; host: string; port: number } {
  const [, user = '', v6, name, port] = /^(.+)@(?:\[([\da-f:.]+)\]|([^\s:@/]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const place = { user, host: v6 ?? name ?? '', port: Number(port ?? 21) };
  const { shape } = targetPlace;
  if (!shape.user.safeParse(place.user).success || !shape.host.safeParse(place.host).success)
    throw wrong(`“${plain(text)}” is not a user at a server`, 'Write USER@HOST, or USER@HOST:PORT');
  if (!shape.port.safeParse(place.port).success) throw wrong(`${port} is not a port`, 'Write one from 1 to 65535');
  return place;
}

/** As people write it to each other, with colons or spaces, or as it is shown. */
function parseFingerprint(text: string, same: string): string {
  const fingerprint = text.replace(/[\s:]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint;
  throw wrong('--fingerprint needs the 64 digits of a SHA-256', `Copy what lockstep target test${same} shows`);
}

async function passwordFor(fromStdin: boolean, io: Io): Promise<string> {
  if (!fromStdin && io.stdin.isTTY && io.errIsTerminal) return askOnce(io, 'Password at that server: ');
  if (!fromStdin) throw wrong('The password is missing', 'Give it with --password-stdin');
  const typed = await readPassword(io.stdin);
  if (typed === '') throw new AppError('target.no-password');
  return typed;
}
