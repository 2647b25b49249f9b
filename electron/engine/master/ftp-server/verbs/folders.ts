import type { SitePath } from '../../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../../shared/errors/app-error.ts';
import { resolvePath, clientPath, quoted } from '../client-path.ts';
import { Refusal, type Reply, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Verb, Verbs } from './verb.ts';

const cwd: Verb = {
  needs: 'account',
  syntax: 'folder',
  run({ session, arg }) {
    if (arg === '') throw new Refusal(501, 'Name a folder after the command.');
    return enter(session, arg);
  },
};
const cdup: Verb = { needs: 'account', syntax: '', run: ({ session }) => enter(session, '..') };
const pwd: Verb = {
  needs: 'account',
  syntax: '',
  run: ({ session }) => reply(257, `${quoted(shown(session, session.told.cwd))} is the working folder.`),
};
const mkd: Verb = {
  needs: 'publisher',
  syntax: 'folder',
  async run({ session, arg }) {
    const path = session.pathOf(arg);
    await session.files.makeDir(path, session.actor);
    return reply(257, `${quoted(shown(session, path))} is made.`);
  },
};
const rmd: Verb = {
  needs: 'publisher',
  syntax: 'folder',
  async run({ session, arg }) {
    await session.files.removeDir(session.pathOf(arg), session.actor);
    return reply(250, 'The folder is removed.');
  },
};

/** Folders (RFC 959 §4.1.1 and §4.1.3), also under the names of RFC 775. */
export const folders: Verbs = {
  CWD: cwd,
  XCWD: cwd,
  CDUP: cdup,
  XCUP: cdup,
  PWD: pwd,
  XPWD: pwd,
  MKD: mkd,
  XMKD: mkd,
  RMD: rmd,
  XRMD: rmd,
};

async function enter(session: Session, arg: string): Promise<Reply> {
  const { folder } = session.login;
  const path = resolvePath(folder, session.told.cwd, arg, 'stay');
  if (path !== folder) {
    const info = await session.reads.stat(path).catch((error: unknown) => {
      // As in a shell, where there is no folder of that name.
      if (arg === '~' && error instanceof AppError && error.code === 'file.not-found') return undefined;
      throw error;
    });
    if (!info) return enter(session, '/');
    if (info.kind !== 'dir') throw new Refusal(550, 'This is a file, not a folder: name a folder.');
  }
  session.tell({ cwd: path });
  return reply(250, `${quoted(shown(session, path))} is the working folder.`);
}

function shown(session: Session, path: SitePath): string {
  return clientPath(session.login.folder, path);
}
