import type { Sha256 } from '../../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../../shared/errors/app-error.ts';
import { hashStart } from '../../../tree/hash.ts';
import { sendFile } from '../download.ts';
import { formatTime, parseTime } from '../listing.ts';
import { Refusal, reply } from '../reply.ts';
import { rangeOf } from '../said.ts';
import type { Session } from '../session.ts';
import { statOrPart } from './listings.ts';
import { setTime } from './changes.ts';
import type { Verbs } from './verb.ts';

/** Reading files (RFC 959 §4.1.3, RFC 3659 §3 and §4, draft-bryan-ftpext-hash). */
export const files: Verbs = {
  RETR: {
    needs: 'account',
    syntax: 'file',
    data: true,
    run: ({ session, arg, said }) => sendFile(session, session.pathOf(arg), rangeOf(said, session.told.converts)),
  },
  SIZE: {
    needs: 'account',
    syntax: 'file',
    async run({ session, arg }) {
      const info = await statOrPart(session, session.pathOf(arg));
      if (info.kind === 'dir') throw new Refusal(550, 'This is a folder, which has no size: name a file.');
      // It would be the size of what is sent (RFC 3659 §4), which only a reading of the whole file tells.
      if (session.told.converts)
        throw new Refusal(550, 'SIZE is not allowed in ASCII mode (TYPE A): send TYPE I first.');
      return reply(213, String(info.size));
    },
  },
  /** Some clients set times with it: `MDTM YYYYMMDDHHMMSS name`. A file that has such a name comes first. */
  MDTM: {
    needs: 'account',
    syntax: 'file',
    async run({ session, arg }) {
      const path = session.pathOf(arg);
      const [, time = '', name = ''] = /^(\d{14}(?:\.\d+)?) (.+)$/su.exec(arg) ?? [];
      const stated = session.reads.stat(path);
      if (parseTime(time) !== undefined && (await stated.catch(() => undefined)) === undefined) {
        return setTime(session, time, name);
      }
      const info = await stated;
      if (info.kind === 'dir') throw new Refusal(550, 'This is a folder: name a file.');
      return reply(213, formatTime(info.mtime));
    },
  },
  HASH: {
    needs: 'account',
    syntax: 'file',
    async run({
      session,
      arg,
      said: {
        range: { start, end },
      },
    }) {
      if (arg === '') throw new Refusal(501, 'Name a file after the command.');
      const path = session.folderOf(arg);
      const { size, kind } = await session.reads.stat(path);
      if (kind === 'dir') throw new Refusal(553, 'A folder has no hash: name a file.');
      const sha256 = end === undefined ? await session.reads.hash(path) : await hashPart(session, path, start, end);
      const [first, last] = end === undefined ? [0, size - 1] : [start, Math.min(end, size) - 1];
      return reply(213, `SHA-256 ${first}-${Math.max(0, last)} ${sha256} ${arg}`);
    },
  },
};

/** The hash of the range that RANG has named, as far as the file reaches. */
async function hashPart(session: Session, path: SitePath, start: number, end: number): Promise<Sha256> {
  const file = await session.reads.open(path);
  try {
    const { size } = file.info;
    if (start >= size) throw new Refusal(554, `The file ends at byte ${size}: ask for its size again.`);
    const read = (buffer: Uint8Array, length: number, position: number): Promise<number> => {
      if (session.isEnding) throw new AppError('cancelled');
      return file.read(buffer, length, start + position);
    };
    return (await hashStart({ read }, Math.min(end, size) - start)).digest('hex');
  } finally {
    file.close();
  }
}
