import { sendFile } from '../download.ts';
import { formatTime, parseTime } from '../listing.ts';
import { Refusal, reply } from '../reply.ts';
import { statOrPart } from './listings.ts';
import { setTime } from './changes.ts';
import type { Verbs } from './verb.ts';

/** Reading files (RFC 959 §4.1.3, RFC 3659 §3 and §4, draft-bryan-ftpext-hash). */
export const files: Verbs = {
  RETR: {
    needs: 'account',
    syntax: 'file',
    data: true,
    run: ({ session, arg }) => sendFile(session, session.pathOf(arg)),
  },
  SIZE: {
    needs: 'account',
    syntax: 'file',
    async run({ session, arg }) {
      const info = await statOrPart(session, session.pathOf(arg));
      if (info.kind === 'dir') throw new Refusal(550, 'This is a folder, which has no size: name a file.');
      // It would be the size of what is sent (RFC 3659 §4), which only a reading of the whole file tells.
      if (session.converts) throw new Refusal(550, 'In TYPE A the size is not known: send TYPE I first.');
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
      const stated = session.files.stat(path);
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
    async run({ session, arg }) {
      const path = session.pathOf(arg);
      const { size, kind } = await session.files.stat(path);
      if (kind === 'dir') throw new Refusal(550, 'This is a folder: name a file.');
      return reply(213, `SHA-256 0-${size} ${await session.files.hash(path)} ${arg}`);
    },
  },
};
