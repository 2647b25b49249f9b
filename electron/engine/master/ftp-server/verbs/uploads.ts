import { randomBytes } from 'node:crypto';
import { Refusal } from '../reply.ts';
import { rangeOf } from '../said.ts';
import { receiveUpload } from '../upload.ts';
import type { Verbs } from './verb.ts';

/** RFC 959 §4.1.3. */
export const uploads: Verbs = {
  STOR: {
    needs: 'publisher',
    syntax: 'file',
    data: true,
    storesName: true,
    run({ session, arg, said }) {
      const { start } = rangeOf(said, session.told.converts);
      return receiveUpload(session, session.pathOf(arg), said, start > 0 ? { restartAt: start } : {});
    },
  },
  APPE: {
    needs: 'publisher',
    syntax: 'file',
    data: true,
    storesName: true,
    run: ({ session, arg, said }) => receiveUpload(session, session.pathOf(arg), said, { append: true }),
  },
  /** The name is random enough not to be there; what is asked for is its beginning. */
  STOU: {
    needs: 'publisher',
    syntax: '[name]',
    data: true,
    storesName: true,
    run({ session, arg, said }) {
      if (arg.includes('/')) throw new Refusal(553, 'STOU puts files into the working folder: leave out the “/”.');
      const name = `${arg === '' ? 'upload' : arg}.${randomBytes(8).toString('hex')}`;
      return receiveUpload(session, session.pathOf(name), said, {}, name);
    },
  },
};
