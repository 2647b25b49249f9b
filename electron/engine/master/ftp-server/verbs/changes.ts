import { Refusal, type Reply, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { formatTime, parseTime } from '../listing.ts';
import type { Verbs } from './verb.ts';

/** Changes without data (RFC 959 §4.1.3, MFMT: draft-somers-ftp-mfxx). */
export const changes: Verbs = {
  DELE: {
    needs: 'publisher',
    syntax: 'file',
    async run({ session, arg }) {
      await session.files.remove(session.pathOf(arg), session.actor);
      return reply(250, 'The file is deleted.');
    },
  },
  RNFR: {
    needs: 'publisher',
    syntax: 'path',
    async run({ session, arg }) {
      const path = session.pathOf(arg);
      await session.files.stat(path);
      session.say({ renameFrom: path });
      return reply(350, 'Send RNTO with the new name.');
    },
  },
  RNTO: {
    needs: 'publisher',
    syntax: 'path',
    storesName: true,
    async run({ session, arg, said: { renameFrom } }) {
      if (renameFrom === undefined) throw new Refusal(503, 'Send RNFR right before RNTO.');
      const to = session.pathOf(arg);
      if (to === renameFrom) return reply(250, 'It already has this name.');
      await session.files.rename(renameFrom, to, session.actor);
      return reply(250, 'It is renamed.');
    },
  },
  MFMT: {
    needs: 'publisher',
    syntax: 'YYYYMMDDHHMMSS file',
    run({ session, arg }) {
      const space = arg.indexOf(' ');
      if (space < 0) throw new Refusal(501, 'Send a time (YYYYMMDDHHMMSS, in UTC) and a file.');
      return setTime(session, arg.slice(0, space), arg.slice(space + 1));
    },
  },
};

export async function setTime(session: Session, text: string, name: string): Promise<Reply> {
  session.requireAccess('publisher');
  const time = parseTime(text);
  if (time === undefined) throw new Refusal(501, 'This is not a time of the form YYYYMMDDHHMMSS, in UTC.');
  await session.files.touch(session.pathOf(name), time, session.actor);
  return reply(213, `Modify=${formatTime(time)}; ${name}`);
}
