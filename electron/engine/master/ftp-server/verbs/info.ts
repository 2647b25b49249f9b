import { FACTS, type Fact } from '../listing.ts';
import { Refusal, type Reply, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { setTime } from './changes.ts';
import { fromFtpSrv } from './from-ftp-srv.ts';
import { release, releaseHelp } from './release.ts';
import type { Call, Verbs } from './verb.ts';

/** What the server says of itself (RFC 959 §4.1.3, RFC 2389), and SITE. */
export const info: Verbs = {
  SYST: fromFtpSrv('SYST', 'nothing', ''),
  NOOP: fromFtpSrv('NOOP', 'nothing', '[anything]'),
  /** Some clients tell who they are, asked or not. */
  CLNT: { needs: 'nothing', syntax: 'name', run: () => reply(200, 'Welcome.') },
  FEAT: { needs: 'nothing', syntax: '', run: ({ session }) => reply(211, 'Extensions:', features(session)) },
  OPTS: {
    needs: 'nothing',
    syntax: 'UTF8 ON | MLST facts | HASH SHA-256',
    run: ({ session, arg }) => options(session, arg),
  },
  SITE: {
    needs: 'account',
    syntax: 'HELP',
    run(call) {
      const [, name = '', arg = ''] = /^(\S+) ?(.*)$/su.exec(call.arg) ?? [];
      const run = siteCommands[name.toUpperCase()];
      if (!run) throw new Refusal(name === '' ? 501 : 500, 'There is no such SITE command: SITE HELP lists them.');
      return run({ ...call, arg });
    },
  },
  HELP: {
    needs: 'nothing',
    syntax: '[command]',
    run({ arg, verbs }) {
      const name = arg.toUpperCase();
      if (name === '') return reply(214, 'These commands are served:', rows([...verbs.keys()].sort()));
      const verb = verbs.get(name);
      if (!verb) throw new Refusal(502, 'This command is not served here: HELP lists what is.');
      return reply(214, `${name} ${verb.syntax}`.trim());
    },
  },
};

const siteCommands: Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>> = {
  HELP: () =>
    reply(214, 'SITE commands:', [
      'EXPECT size sha256: the next STOR is published only if the whole file has this size and SHA-256',
      'PART file: bytes of a broken-off upload of it that REST and STOR may continue',
      'UTIME YYYYMMDDHHMM[SS] file, UTIME file atime mtime ctime UTC: sets the time of a file',
      'CHMOD mode file: is taken and has no effect, modes are not mirrored',
      ...releaseHelp,
    ]),
  EXPECT({ session, arg }) {
    const [, size = '', sha256 = ''] = /^(\d{1,15}) ([0-9a-f]{64})$/i.exec(arg) ?? [];
    if (size === '') throw new Refusal(501, 'Send SITE EXPECT, a size in bytes, and a SHA-256 in hexadecimal digits.');
    const expected = { size: Number(size), sha256: sha256.toLowerCase() };
    session.announce({ expected });
    return reply(200, 'The next upload will be compared with it.');
  },
  /** SIZE tells it too, but only where no file of that name is there. */
  async PART({ session, arg }) {
    if (session.login.kind !== 'publisher')
      throw new Refusal(550, 'This account belongs to a mirror and may only read.');
    const size = await session.files.partSize(session.pathOf(arg), session.login.user);
    return reply(213, String(size ?? 0));
  },
  RELEASE: release,
  async CHMOD({ session, arg }) {
    const [, mode, name = ''] = /^([0-7]{3,4}) (.+)$/su.exec(arg) ?? [];
    if (mode === undefined) throw new Refusal(501, 'Send SITE CHMOD, a mode in octal digits, and a file or folder.');
    await session.reads.stat(session.folderOf(name));
    return reply(202, 'This has no effect: modes are not mirrored.');
  },
  async UTIME({ session, arg }) {
    const [, name, time] = /^(.+) \d{12,14} (\d{12,14}) \d{12,14} UTC$/isu.exec(arg) ?? [];
    const [, shortTime, shortName] = /^(\d{12,14}) (.+)$/su.exec(arg) ?? [];
    await setTime(session, (time ?? shortTime ?? '').padEnd(14, '0'), name ?? shortName ?? '');
    return reply(200, 'The time is set.');
  },
};

function features(session: Session): string[] {
  const facts = FACTS.map((fact) => `${factName(fact)}${session.told.facts.has(fact) ? '*' : ''};`).join('');
  return [
    'AUTH TLS',
    'EPSV',
    ...(session.context.config.active ? ['EPRT'] : []),
    'HASH SHA-256*;',
    'HOST',
    'MDTM',
    'MFMT',
    `MLST ${facts}`,
    'MODE B',
    'PBSZ',
    'PROT',
    'RANG STREAM',
    'REST STREAM',
    'SITE EXPECT',
    'SITE PART',
    'SITE RELEASE',
    'SITE UTIME',
    'SIZE',
    'TVFS',
    'UTF8',
  ];
}

function options(session: Session, arg: string): Reply {
  const [name = '', value = '', ...more] = arg.trim().split(' ');
  if (more.length > 0) throw new Refusal(501, 'Send one option, and its value without spaces.');
  switch (name.toUpperCase()) {
    case 'UTF8':
    case 'UTF-8':
      if (/^(ON)?$/i.test(value)) return reply(200, 'Names are always in UTF-8.');
      throw new Refusal(501, 'Names are always in UTF-8.');
    case 'MLST': {
      const wanted = value.toLowerCase().split(';');
      const facts = new Set(FACTS.filter((fact) => wanted.includes(fact)));
      session.tell({ facts });
      return reply(200, `MLST OPTS ${[...facts].map((fact) => `${factName(fact)};`).join('')}`.trim());
    }
    case 'HASH':
      if (value === '' || /^SHA-256$/i.test(value)) return reply(200, 'SHA-256');
      throw new Refusal(501, 'SHA-256 is the only hash here.');
    default:
      throw new Refusal(501, 'There are options for UTF8, MLST and HASH.');
  }
}

function factName(fact: Fact): string {
  return fact === 'unix.mode' ? 'UNIX.mode' : fact;
}

function rows(names: readonly string[]): string[] {
  const count = 8;
  return Array.from({ length: Math.ceil(names.length / count) }, (_, row) =>
    names
      .slice(row * count, (row + 1) * count)
      .map((name) => name.padEnd(5))
      .join(' ')
      .trimEnd(),
  );
}
