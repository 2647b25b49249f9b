import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import { activeConnector, isSameAddress, openPassive } from '../data-connection.ts';
import { Refusal, type Reply, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { fromFtpSrv } from './from-ftp-srv.ts';
import type { Verbs } from './verb.ts';

/** How the next transfer goes (RFC 959 §4.1.2, RFC 2428, RFC 3659 §5). */
export const parameters: Verbs = {
  PASV: { needs: 'account', syntax: '', run: ({ session }) => passive(session) },
  EPSV: { needs: 'account', syntax: '[1 | 2 | ALL]', run: ({ session, arg }) => extendedPassive(session, arg) },
  PORT: {
    needs: 'account',
    syntax: 'h1,h2,h3,h4,p1,p2',
    run: ({ session, arg }) => active(session, () => parsePort(arg)),
  },
  EPRT: {
    needs: 'account',
    syntax: '|1|address|port|',
    run: ({ session, arg }) => active(session, () => parseExtendedPort(session, arg)),
  },
  /** Who names no type gets byte for byte: the default of RFC 959 is A, and would damage what clients that forget it send. */
  TYPE: {
    needs: 'account',
    syntax: 'I | A',
    run({ session, arg }) {
      if (arg === '') throw new Refusal(501, 'Name a type: send TYPE I.');
      if (!/^(A( N)?|I|L ?8)$/i.test(arg)) throw new Refusal(504, 'Send TYPE I or TYPE A.');
      const converts = /^A/i.test(arg);
      session.tell({ converts });
      return reply(
        200,
        converts ? 'Lines end with CR LF on the way and with LF here.' : 'Files are sent byte for byte.',
      );
    },
  },
  /** Block mode is for what is sent: one data connection for many files, whose ends are marked. */
  MODE: {
    needs: 'account',
    syntax: 'S | B',
    run({ session, arg }) {
      if (arg === '') throw new Refusal(501, 'Name a mode: send MODE S.');
      if (!/^[SB]$/i.test(arg)) throw new Refusal(504, 'Send MODE S, or MODE B for downloads.');
      const blocks = /^B$/i.test(arg);
      session.data.sendBlocks(blocks);
      return reply(200, blocks ? 'Files are sent in blocks.' : 'Files are sent as they are.');
    },
  },
  STRU: fromFtpSrv('STRU', 'account', 'F'),
  REST: {
    needs: 'account',
    syntax: 'offset',
    run({ session, arg }) {
      const offset = parseCount(arg);
      if (offset > 0 && session.told.converts)
        throw new Refusal(501, 'In TYPE A nothing can be resumed: send TYPE I first.');
      session.say({ range: { start: offset } });
      return reply(350, `The next transfer begins at byte ${offset}.`);
    },
  },
  /** Both ends are of the range (draft-bryan-ftp-range-08 §3); one that begins behind its end is none, and `1 0` means so. */
  RANG: {
    needs: 'account',
    syntax: 'first last',
    run({ session, arg }) {
      const [first = Number.NaN, last = Number.NaN] = /^\d+ \d+$/.test(arg) ? arg.split(' ').map(parseCount) : [];
      if (first === 1 && last === 0) return reply(350, 'The next transfer is of the whole file.');
      if (!(first <= last)) throw new Refusal(501, 'Send RANG, the first byte and the last, counted from 0.');
      if (session.told.converts || session.data.sendsBlocks)
        throw new Refusal(551, 'Send TYPE I and MODE S before RANG.');
      session.say({ range: { start: first, end: last + 1 } });
      return reply(350, `RETR and HASH go from byte ${first} to ${last}.`);
    },
  },
  ALLO: {
    needs: 'publisher',
    syntax: 'size',
    run({ session, arg }) {
      const size = parseCount(arg.replace(/ R \d+$/i, ''));
      if (size > session.context.config.limits.uploadBytes) {
        throw new Refusal(
          552,
          `A file may have ${session.context.config.limits.uploadBytes} bytes here: send a smaller one.`,
        );
      }
      session.announce({ allocated: size === 0 ? undefined : size });
      return reply(200, 'An upload with fewer bytes will count as broken off.');
    },
  },
  ABOR: {
    needs: 'account',
    syntax: '',
    run({ session }) {
      session.data.drop();
      return reply(226, 'No transfer is under way.');
    },
  },
};

async function passive(session: Session): Promise<Reply> {
  session.data.requireAnyKind();
  const address = await advertised(session);
  if (!isIPv4(address)) throw new Refusal(425, 'PASV supports only IPv4 addresses: send EPSV.');
  const port = await listenForData(session);
  return reply(227, `Entering Passive Mode (${address.replaceAll('.', ',')},${port >> 8},${port & 255}).`);
}

async function extendedPassive(session: Session, arg: string): Promise<Reply> {
  if (/^ALL$/i.test(arg)) {
    session.data.openOnlyExtended();
    return reply(200, 'From now on only EPSV opens data connections.');
  }
  const family = familyOf(session);
  if (!/^\d*$/.test(arg)) throw new Refusal(501, `Send EPSV, EPSV ${family} or EPSV ALL.`);
  if (arg !== '' && arg !== family) throw new Refusal(522, `Network protocol not supported, use (${family}).`);
  return reply(229, `Entering Extended Passive Mode (|||${await listenForData(session)}|)`);
}

async function listenForData(session: Session): Promise<number> {
  session.data.drop();
  const connector = await openPassive(session.localAddress, session.context.config.passive, session.address);
  session.data.open(connector);
  return connector.port;
}

/** The address that PASV tells: the one from the settings, but not to a client on this machine. */
async function advertised(session: Session): Promise<string> {
  const { address } = session.context.config.passive;
  if (address === undefined || isSameAddress(session.address, session.localAddress)) return session.localAddress;
  if (isIP(address)) return address;
  return lookup(address, { family: 4 }).then(
    (found) => found.address,
    () => {
      throw new Refusal(425, 'The public address in the settings does not resolve: send EPSV.');
    },
  );
}

/** A data connection to anywhere but the client itself would make this server attack others (FTP bounce, RFC 2577 §3). */
function active(session: Session, parse: () => Target | undefined): Reply {
  if (!session.context.config.active)
    throw new Refusal(502, 'Active mode is switched off here: use passive mode (EPSV, PASV).');
  session.data.requireAnyKind();
  const target = parse();
  if (!target) throw new Refusal(501, 'This is not an address and port: use passive mode (EPSV, PASV).');
  if (!isSameAddress(target.host, session.address) || target.port < 1024) {
    throw new Refusal(504, 'Data goes only to your own address, to a port from 1024 up: use passive mode.');
  }
  session.data.open(activeConnector(target.host, target.port, session.localAddress));
  return reply(200, 'Data will be sent there.');
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Decimal numbers without leading zeros: `010` is 8 to some and 10 to others. */
function parsePort(arg: string): Target | undefined {
  const numbers = arg.split(',');
  if (numbers.length !== 6 || !numbers.every((number) => /^(0|[1-9]\d{0,2})$/.test(number) && Number(number) < 256)) {
    return undefined;
  }
  const [high = 0, low = 0] = numbers.slice(4).map(Number);
  return { host: numbers.slice(0, 4).join('.'), port: high * 256 + low };
}

/** Any printable character may part the fields, which it must not be in (RFC 2428 §2). Data goes to where control comes from: by its protocol. */
function parseExtendedPort(session: Session, arg: string): Target | undefined {
  const [, , family = '', host = '', port = ''] = /^([!-~])(\d{1,5})\1(.+)\1([1-9]\d{0,4})\1$/.exec(arg) ?? [];
  const own = familyOf(session);
  if (family !== '' && family !== own) throw new Refusal(522, `Network protocol not supported, use (${own}).`);
  if (isIP(host) !== (family === '1' ? 4 : 6) || Number(port) > 65535) return undefined;
  return { host, port: Number(port) };
}

/** As EPSV and EPRT number it: 1 for IPv4, 2 for IPv6. */
function familyOf(session: Session): '1' | '2' {
  return isIPv4(session.localAddress) ? '1' : '2';
}

function parseCount(arg: string): number {
  const count = /^\d{1,16}$/.test(arg) ? Number(arg) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new Refusal(501, 'Send a number of bytes.');
  return count;
}
