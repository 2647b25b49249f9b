import { releaseName, together } from '../../../../../shared/contract/releases.ts';
import { isWithin, type SitePath } from '../../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../../shared/errors/app-error.ts';
import type { ReleaseFiles, ReleaseOptions } from '../../site-files.ts';
import { clientPath } from '../client-path.ts';
import { Refusal, type Reply, reply } from '../reply.ts';
import type { Session } from '../session.ts';
import type { Call } from './verb.ts';

/** The longest that a release may outlive its sessions. */
const HOLD_SECONDS_MAX = 3600;

/** Changes that STATUS lists one by one. */
const LISTED_MAX = 100;

export const releaseHelp: readonly string[] = [
  'RELEASE BEGIN name: from now on changes are seen in this session only',
  'RELEASE COMMIT [TOGETHER [mirrors] [LIMIT seconds]]: publishes them as one; TOGETHER: all mirrors show it at the same moment,',
  '  when each of them has all of it, or so many of them after so many seconds',
  'RELEASE ABORT: gives them up, as the end of the session does',
  'RELEASE STATUS: lists them',
  'RELEASE HOLD seconds: they outlive the end of the session by that; the reply names the release',
  'RELEASE JOIN release: another session of the same account works on them, too',
  'RELEASE RESULT release: whether it was published, and as what',
];

/** SITE RELEASE: changes that appear together (SPEC §8). */
export async function release({ session, arg }: Call): Promise<Reply> {
  if (session.login.kind !== 'publisher') throw new Refusal(550, 'This account belongs to a mirror and may only read.');
  const [, name = '', rest = ''] = /^(\S+) *(.*)$/su.exec(arg) ?? [];
  switch (name.toUpperCase()) {
    case 'BEGIN':
      return begin(session, rest.trim());
    case 'COMMIT':
      return commit(session, parseOptions(rest));
    case 'ABORT':
      return abort(session);
    case 'STATUS':
      return status(session);
    case 'HOLD':
      return hold(session, rest.trim());
    case 'JOIN':
      return join(session, rest.trim());
    case 'RESULT':
      return result(session, rest.trim());
    default:
      throw new Refusal(
        501,
        'Send SITE RELEASE with BEGIN and a name, COMMIT, ABORT, STATUS, HOLD and seconds, or JOIN or RESULT and a release.',
      );
  }
}

function begin(session: Session, title: string): Reply {
  const name = releaseName.safeParse(title);
  if (!name.success)
    throw new Refusal(501, 'Give the release a name of 200 characters at most: SITE RELEASE BEGIN name.');
  if (session.release) throw new AppError('release.open');
  const release = session.login.files.beginRelease(name.data, session.actor);
  session.release = release;
  return reply(250, `${release.id} is the release: nobody else sees your changes before SITE RELEASE COMMIT.`);
}

/** For a client that resumes, or sends several files at once. */
function hold(session: Session, seconds: string): Reply {
  const release = opened(session);
  const count = /^\d{1,5}$/.test(seconds) ? Number(seconds) : 0;
  if (count < 1 || count > HOLD_SECONDS_MAX)
    throw new Refusal(501, `Send SITE RELEASE HOLD and 1 to ${HOLD_SECONDS_MAX} seconds.`);
  release.hold(count * 1000);
  return reply(250, `${release.id} is the release: SITE RELEASE JOIN ${release.id} continues it.`);
}

function join(session: Session, id: string): Reply {
  if (session.release) throw new AppError('release.open');
  session.release = session.login.files.joinRelease(id, session.actor);
  return reply(250, 'You are working on the release: nobody else sees your changes before SITE RELEASE COMMIT.');
}

function result(session: Session, id: string): Reply {
  const outcome = session.login.files.releaseOutcome(id, session.actor);
  if (outcome === 'open') return reply(213, 'open');
  return reply(213, `published ${outcome.id} ${outcome.changes}`);
}

async function commit(session: Session, options: ReleaseOptions): Promise<Reply> {
  const release = opened(session);
  session.beginCommit();
  try {
    const { id, changes } = await release.commit(options);
    session.release = undefined;
    return reply(250, `Release ${id} is published: ${changes} ${changes === 1 ? 'change' : 'changes'}.`);
  } catch (error) {
    throw withPath(session, error);
  }
}

async function abort(session: Session): Promise<Reply> {
  const release = opened(session);
  await release.abort();
  session.release = undefined;
  // Another session may have committed it.
  if (isPublished(session, release.id)) throw new Refusal(550, 'It is too late: the release was published.');
  return reply(250, 'The release is given up: nothing of it was published.');
}

function isPublished({ login, actor }: Session, id: string): boolean {
  try {
    return login.files.releaseOutcome(id, actor) !== 'open';
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function status(session: Session): Reply {
  const { release } = session;
  if (!release) return reply(211, 'No release is open in this session.');
  const { folder } = session.login;
  const changes = release.changes();
  const lines = changes.slice(0, LISTED_MAX).map(({ path, kind, size }) => {
    const shown = clientPath(folder, path);
    switch (kind) {
      case 'file':
        return `put ${size} ${shown}`;
      case 'dir':
        return `mkd ${shown}`;
      case 'gone':
        return `del ${shown}`;
    }
  });
  if (changes.length > lines.length) lines.push(`and ${changes.length - lines.length} more`);
  return reply(211, `Release “${release.title}”, not committed, ${changes.length} changes:`, lines);
}

function opened(session: Session): ReleaseFiles {
  if (!session.release) throw new AppError('release.none-open');
  return session.release;
}

/** `TOGETHER`, then how many mirrors have to be ready when the limit is over, then `LIMIT` and seconds. */
function parseOptions(text: string): ReleaseOptions {
  if (text.trim() === '') return {};
  const [all, quorum, limit] = /^TOGETHER(?: +(\d{1,6}))?(?: +LIMIT +(\d{1,9}))?$/i.exec(text.trim()) ?? [];
  const parsed = together.safeParse({
    quorum: quorum === undefined ? undefined : Number(quorum),
    limit: limit === undefined ? undefined : Number(limit) * 1000,
  });
  if (all === undefined || !parsed.success)
    throw new Refusal(501, 'Send SITE RELEASE COMMIT [TOGETHER [mirrors] [LIMIT seconds]].');
  return { together: parsed.data };
}

/** A conflict is of no use without its path; it is the client's own. */
function withPath(session: Session, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'release.conflict') return error;
  const path = String(error.params['path'] ?? '') as SitePath; // Thrown with a path of the site.
  const { folder } = session.login;
  if (!isWithin(path, folder)) return error;
  return new Refusal(
    550,
    `“${clientPath(folder, path)}” was changed by somebody else so that the release does not fit: look at it, then commit again, or abort.`,
  );
}
