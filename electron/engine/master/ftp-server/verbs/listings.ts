import { nameOf, type SitePath } from '../../../../../shared/domain/site-path.ts';
import { isNotFound } from '../../../tree/file-error.ts';
import type { FileInfo, Listing } from '../../site-files.ts';
import { clientPath } from '../client-path.ts';
import { sendListing } from '../download.ts';
import { LISTING_SORTED_ENTRIES, STAT_ENTRIES_MAX } from '../limits.ts';
import { factsLine, listLine, wildcard } from '../listing.ts';
import { Refusal, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Verbs } from './verb.ts';

/** Listings (RFC 959 §4.1.3, RFC 3659 §7). */
export const listings: Verbs = {
  LIST: {
    needs: 'account',
    syntax: '[-la] [path]',
    data: true,
    run: ({ session, arg }) =>
      sendListing(session, session.told.cwd, async () => {
        const { entries, dots } = await look(session, arg);
        const now = session.context.clock.now();
        return map(dots ? withDots(session, entries) : entries, (info) => listLine(info, now));
      }),
  },
  NLST: {
    needs: 'account',
    syntax: '[path]',
    data: true,
    run: ({ session, arg }) =>
      sendListing(session, session.told.cwd, async () => {
        const { entries, prefix } = await look(session, arg);
        return map(entries, (info) => prefix + info.name);
      }),
  },
  MLSD: {
    needs: 'account',
    syntax: '[folder]',
    data: true,
    run: ({ session, arg }) =>
      sendListing(session, session.told.cwd, async () => {
        const entries = await entriesInFolder(session, arg);
        return map(entries, (info) => factsLine(info, session.told.facts, isWriter(session)));
      }),
  },
  MLST: {
    needs: 'account',
    syntax: '[path]',
    async run({ session, arg }) {
      const path = session.folderOf(arg);
      const { folder } = session.login;
      const found = await statOrPart(session, path);
      const info = path === folder ? { ...found, name: '' } : found;
      return reply(250, 'This is there:', [
        factsLine(info, session.told.facts, isWriter(session), clientPath(folder, path)),
      ]);
    },
  },
  STAT: {
    needs: 'account',
    syntax: '[path]',
    async run({ session, arg }) {
      if (arg === '') return status(session);
      const { entries, one } = await look(session, arg);
      if (entries.count > STAT_ENTRIES_MAX)
        throw new Refusal(450, 'The folder has too many entries for STAT: send MLSD or LIST.');
      const now = session.context.clock.now();
      const lines: string[] = [];
      for await (const info of entries) lines.push(listLine(info, now));
      return reply(one ? 213 : 212, 'This is there:', lines);
    },
  },
};

/** File or folder; where there is no such file, what this account may continue of a broken-off upload of it. */
export async function statOrPart(session: Session, path: SitePath): Promise<FileInfo> {
  const { login, files, reads } = session;
  try {
    return await reads.stat(path);
  } catch (error) {
    if (!isNotFound(error) || login.kind !== 'publisher') throw error;
    const size = await files.partSize(path, login.user);
    if (size === undefined) throw error;
    return { name: nameOf(path), kind: 'file', size, mtime: session.context.clock.now(), mode: 0o644 };
  }
}

interface Found {
  readonly entries: Listing;
  /** Stands before each name that NLST tells. */
  readonly prefix: string;
  /** It is a file. */
  readonly one?: true;
  /** They are of a pattern. */
  readonly pattern?: true;
  /** It is a folder, and `-a` was asked for. */
  readonly dots?: true;
}

/**
 * What LIST, NLST and STAT show. Clients send options of `ls` in front of the path, and patterns in its last part;
 * a name may look like either, so a file or folder of the very name comes first.
 */
async function look(session: Session, arg: string): Promise<Found> {
  try {
    const path = session.folderOf(arg);
    const info = await session.reads.stat(path);
    if (info.kind === 'file')
      return { entries: listingOf([info]), prefix: arg.slice(0, arg.length - nameOf(path).length), one: true };
    return { entries: await entriesOf(session, path), prefix: prefixOf(arg) };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const options = /^-(?:-|[A-Za-z1]+)(?: |$)/.exec(arg);
    if (options) {
      const found = await lookAfterOptions(session, arg.slice(options[0].length));
      return options[0].includes('a') && found.one === undefined && found.pattern === undefined
        ? { ...found, dots: true }
        : found;
    }
    const matching = await entriesLike(session, arg);
    if (!matching) throw error;
    return { ...matching, pattern: true };
  }
}

/** One blank ends the options; more are a part of the name where there is such a file, and say nothing elsewhere. */
async function lookAfterOptions(session: Session, arg: string): Promise<Found> {
  const trimmed = arg.trimStart();
  if (trimmed === arg) return look(session, arg);
  try {
    return await look(session, arg);
  } catch {
    return look(session, trimmed);
  }
}

/** Of MLSD: RFC 3659 §7.2 has it for folders only, but ncftp sends patterns to servers that have it. */
async function entriesInFolder(session: Session, arg: string): Promise<Listing> {
  try {
    const path = session.folderOf(arg);
    if ((await session.reads.stat(path)).kind !== 'dir') throw new Refusal(501, 'MLSD is for folders: send MLST.');
    return await entriesOf(session, path);
  } catch (error) {
    const matching = isNotFound(error) ? await entriesLike(session, arg) : undefined;
    if (!matching) throw error;
    return matching.entries;
  }
}

/** What a pattern in the last part of a path matches. Undefined: it is none. */
async function entriesLike(session: Session, arg: string): Promise<Pick<Found, 'entries' | 'prefix'> | undefined> {
  const cut = arg.lastIndexOf('/') + 1;
  const wanted = wildcard(arg.slice(cut));
  if (!wanted) return undefined;
  const prefix = arg.slice(0, cut);
  return { entries: await entriesOf(session, session.folderOf(prefix), wanted), prefix };
}

/** As `ls -a` has them, and as clients pass over them: the folder itself, and the one above it. */
async function* withDots(session: Session, entries: Listing): AsyncGenerator<FileInfo> {
  for (const name of ['.', '..']) yield { name, kind: 'dir', size: 0, mtime: session.since, mode: 0o755 };
  yield* entries;
}

async function entriesOf(session: Session, folder: SitePath, wanted?: (name: string) => boolean): Promise<Listing> {
  const max = session.context.config.limits.listingEntries;
  const entries = await session.reads.list(folder, { max, ...(wanted && { wanted }) });
  if (entries.count > max) {
    throw new Refusal(
      450,
      `The folder has more than ${max} entries: have ftp.limits.listingEntries in the configuration raised.`,
    );
  }
  return entries.count > LISTING_SORTED_ENTRIES ? entries : sorted(entries);
}

/** As `ls` has them: some clients show them as they come. */
async function sorted(entries: Listing): Promise<Listing> {
  const found: FileInfo[] = [];
  for await (const info of entries) found.push(info);
  return listingOf(found.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

function status(session: Session) {
  const { folder, user, secure } = session.info;
  return reply(211, 'Lockstep FTP server:', [
    `logged in as ${user ?? ''} from ${session.address}`,
    `working folder ${folder}`,
    `TYPE: ${session.told.converts ? 'ASCII' : 'BINARY'}, STRUcture: File, Mode: ${session.data.sendsBlocks ? 'Block' : 'Stream'}`,
    secure ? 'control connection with TLS' : 'control connection without TLS',
    session.dataTls ? 'data connections with TLS' : 'data connections without TLS',
  ]);
}

function isWriter({ login, release }: Session): boolean {
  return login.kind === 'publisher' && (login.releasesOnly !== true || release !== undefined);
}

/** What stands before the names of the folder `arg`. For `.` that is nothing, as at other servers. */
function prefixOf(arg: string): string {
  const shown = arg.replace(/\/+$/, '');
  if (shown === '.') return '';
  return shown === '' ? arg : `${shown}/`;
}

function listingOf(found: readonly FileInfo[]): Listing {
  return {
    count: found.length,
    async *[Symbol.asyncIterator]() {
      yield* found;
    },
  };
}

async function* map(entries: AsyncIterable<FileInfo>, change: (info: FileInfo) => string): AsyncGenerator<string> {
  for await (const info of entries) yield change(info);
}
