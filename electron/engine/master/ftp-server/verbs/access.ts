import { isIPv6 } from 'node:net';
import { USER_BYTES_MAX } from '../account-pace.ts';
import { isSameAddress } from '../data-connection.ts';
import { LOGIN_ATTEMPTS_MAX } from '../limits.ts';
import { Refusal, type Reply, reply } from '../reply.ts';
import type { LoginOutcome, Session } from '../session.ts';
import type { Verbs } from './verb.ts';

/** Logging in and out (RFC 959 §4.1.1) and TLS (RFC 4217). */
export const access: Verbs = {
  USER: {
    needs: 'nothing',
    syntax: 'name',
    run({ session, arg }) {
      needTls(session);
      if (session.access.kind === 'in')
        throw new Refusal(503, 'You are logged in: connect again to log in as someone else.');
      if (arg === '') throw new Refusal(501, 'Name a user after USER.');
      if (Buffer.byteLength(arg) > USER_BYTES_MAX) throw new Refusal(501, 'No user name is that long.');
      session.name(arg);
      return reply(331, 'The password, please.');
    },
  },
  PASS: {
    needs: 'nothing',
    syntax: 'password',
    run({ session, arg }) {
      needTls(session);
      if (session.access.kind === 'in') throw new Refusal(503, 'You are already logged in: continue.');
      if (session.access.kind === 'none') throw new Refusal(503, 'Send USER first.');
      return logIn(session, session.access.user, arg);
    },
  },
  /**
   * There is one host here, whatever it is called: what is asked is whether the client has come to the right one (RFC 7151). Nothing of it
   * is remembered. Where nobody has said what it is called, it may be any.
   */
  HOST: {
    needs: 'nothing',
    syntax: 'name',
    run({ session, arg }) {
      if (session.access.kind !== 'none') throw new Refusal(503, 'HOST comes before USER: connect again.');
      const host = parseHost(arg);
      if (host === undefined) throw new Refusal(501, 'Name the host that you dialled, an IPv6 address in brackets.');
      if (!isHost(session, host)) throw new Refusal(504, 'This host is not served here: check the name.');
      return reply(220, 'This host is served here.');
    },
  },
  ACCT: { needs: 'account', syntax: 'text', run: () => reply(202, 'No account is needed besides the user.') },
  AUTH: { needs: 'nothing', syntax: 'TLS', run: ({ session, arg }) => startTls(session, arg) },
  PBSZ: {
    needs: 'nothing',
    syntax: '0',
    run({ session, arg }) {
      const { security } = session;
      if (security.kind === 'plain') throw new Refusal(503, 'Send AUTH TLS first.');
      if (!/^\d{1,10}$/.test(arg)) throw new Refusal(501, 'Send PBSZ 0.');
      if (security.data === 'unsized') session.protectData('clear');
      return reply(200, 'PBSZ=0');
    },
  },
  PROT: {
    needs: 'nothing',
    syntax: 'P | C',
    run({ session, arg }) {
      const { security } = session;
      if (security.kind === 'plain' || security.data === 'unsized')
        throw new Refusal(503, 'Send AUTH TLS and PBSZ 0 first.');
      switch (arg.toUpperCase()) {
        case 'P':
          session.protectData('protected');
          return reply(200, 'Data will be encrypted.');
        case 'C':
          if (session.context.config.tls === 'required') {
            throw new Refusal(534, 'Data must be encrypted here: send PROT P.');
          }
          session.protectData('clear');
          return reply(200, 'Data will not be encrypted.');
        case '':
          throw new Refusal(501, 'Send PROT P.');
        case 'S':
        case 'E':
          throw new Refusal(536, 'TLS has the levels P and C only: send PROT P.');
        default:
          throw new Refusal(504, 'Send PROT P.');
      }
    },
  },
  CCC: {
    needs: 'nothing',
    syntax: '',
    run: () => reply(534, 'The control connection stays encrypted: continue without CCC.'),
  },
  REIN: { needs: 'nothing', syntax: '', run: () => reply(502, 'A session cannot start over: connect again.') },
  QUIT: {
    needs: 'nothing',
    syntax: '[anything]',
    run: ({ session }) => ({ code: 221, text: 'Goodbye.', after: () => session.end() }),
  },
};

/** Without the brackets of an IPv6 address, and the dot that may end a name. */
function parseHost(arg: string): string | undefined {
  const [, inner] = /^\[(.+)\]$/.exec(arg) ?? [];
  if (inner !== undefined) return isIPv6(inner) ? new URL(`ftp://[${inner}]/`).hostname.slice(1, -1) : undefined;
  const isName = arg.length <= 254 && /^(?:(?!-)[a-z\d_-]{1,63}(?<!-)(?:\.|$))+$/i.test(arg);
  return isName ? arg.replace(/\.$/, '').toLowerCase() : undefined;
}

function isHost({ context, localAddress }: Session, host: string): boolean {
  const { address } = context.config.passive;
  const isOfCertificate = context.tls.isOf(host);
  if (address === undefined && isOfCertificate === undefined) return true;
  return isSameAddress(host, localAddress) || isOfCertificate === true || host === address?.toLowerCase();
}

function needTls(session: Session): void {
  if (session.security.kind === 'tls' || session.context.config.tls === 'optional') return;
  throw new Refusal(530, 'TLS is required here: send AUTH TLS first (in your client: explicit FTP over TLS).');
}

async function logIn(session: Session, user: string, password: string): Promise<Reply | undefined> {
  const { throttle, accountPace, passwords, refusalLog, clock, onEvent, accounts } = session.context;
  const { address } = session;
  // Who guesses behind the same NAT must not keep a mirror from its files: no guess leads to its password.
  const isFree = accounts.isOwn(user) || accounts.isMirror(user);
  const isLockedOut = (): boolean => {
    const locked = isFree ? 0 : throttle.lockedFor(address, performance.now());
    if (locked === 0) return false;
    session.end(
      reply(421, `Too many wrong passwords from your address: try again in ${Math.ceil(locked / 60_000)} minutes.`),
    );
    return true;
  };
  if (isLockedOut()) return undefined;
  const wait = accounts.isOwn(user) ? 0 : accountPace.enter(user, address, performance.now());
  if (wait === undefined) {
    session.end(reply(421, 'Too many wrong passwords for this account just now: try again in a minute.'));
    return undefined;
  }
  if (wait > 0) await session.wait(wait);
  // Of many that guess at once the others learn nothing any more, neither who was wrong nor who was right: they are not even looked at.
  const look = async (): Promise<LoginOutcome | undefined> =>
    session.isEnding || isLockedOut() ? undefined : session.logIn(user, password);
  const turns = accountPace.isKnownAt(user, address) ? passwords.known : passwords.strangers;
  const outcome = await (isFree ? look() : turns.run(look));
  if (outcome === undefined || isLockedOut()) return undefined;
  if (outcome !== 'refused') accountPace.succeeded(user, address);
  if (outcome === 'no-site') {
    session.end(reply(421, 'The site of this account cannot be opened just now: try again later.'));
    return undefined;
  }
  if (outcome === 'in') {
    onEvent({ type: 'loggedIn', session: session.connection.id, address, user });
    return reply(230, 'You are logged in.');
  }
  const attempts = session.loginFailed();
  onEvent({ type: 'loginRefused', session: session.connection.id, address, user });
  // A password is soon typed where the name should be.
  const name: { user?: string } = accounts.isKnown(user) ? { user } : {};
  refusalLog.note(session.logger, { ...name, attempts }, clock.now());
  accountPace.failed(user, performance.now());
  const delay = throttle.failed(address, performance.now(), name.user);
  if (throttle.lockedFor(address, performance.now()) > 0) {
    session.logger.warn('too many wrong passwords: nobody but mirrors can log in from this address for a while');
    onEvent({ type: 'lockedOut', session: session.connection.id, address });
  }
  await session.wait(delay);
  if (attempts < LOGIN_ATTEMPTS_MAX) {
    return reply(530, 'User or password is wrong: check both, and send USER again.');
  }
  session.end(reply(421, 'User or password was wrong too often: connect again.'));
  return undefined;
}

/**
 * What a client sent before the handshake must not be executed after it (STARTTLS injection): the session ends. Lines of
 * the same segment are queued by the time the `await` is over; later bytes reach TLS, where they are no handshake.
 */
async function startTls(session: Session, mechanism: string): Promise<Reply | undefined> {
  if (mechanism === '') throw new Refusal(501, 'Send AUTH TLS.');
  if (!/^TLS(-C)?$/i.test(mechanism)) throw new Refusal(504, 'Send AUTH TLS.');
  if (session.security.kind === 'tls') throw new Refusal(503, 'The connection is already encrypted.');
  if (session.access.kind === 'in') throw new Refusal(503, 'Send AUTH TLS before you log in: connect again.');
  await Promise.resolve();
  if (session.hasUnread) {
    session.end(reply(421, 'Commands after AUTH TLS must wait for its reply: connect again.'));
    return undefined;
  }
  return { code: 234, text: 'TLS begins.', after: () => session.startTls() };
}
