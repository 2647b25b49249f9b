import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createFtpServer } from '../../electron/engine/master/ftp-server/ftp-server.ts';
import type { FtpConfig, FtpEvent } from '../../electron/engine/master/ftp-server/server-context.ts';
import type { MasterSite } from '../../electron/engine/master/site.ts';
import type { Accounts, Pace, PublishedFiles } from '../../electron/engine/master/site-files.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { config as configSchema } from '../../shared/contract/config.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { makeCertificate } from './certificate.ts';
import { releaseSite } from './release-site.ts';

const logger = pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' });

/** What went through the site's files, in order: `put a`, `delete a`, `rename a b`; and `broken a reset 1234` for broken-off uploads. */
export type History = string[];

export interface FtpUnderTest {
  readonly port: number;
  readonly root: string;
  readonly site: MasterSite;
  readonly record: History;
  readonly events: FtpEvent[];
  readonly server: ReturnType<typeof createFtpServer>;
  readonly certificate: string;
  stop(): Promise<void>;
}

export const PASSWORD = 'a long password';

/**
 * A running server on the site of a master, with the accounts `publisher`, `mirror`, `docs` (a publisher kept to the folder `docs`)
 * and `releaser` (by releases only).
 */
export async function startFtp({
  config = {},
  instead = () => ({}),
  wrapAccounts = (accounts) => accounts,
  pace,
  identity,
}: {
  config?: object;
  /** What the server meets instead of what the site does. */
  instead?: (files: PublishedFiles) => Partial<PublishedFiles>;
  wrapAccounts?: (accounts: Accounts) => Accounts;
  /** How the mirror is served. */
  pace?: Pace;
  /** Else a fresh one. */
  identity?: { readonly key: string; readonly cert: string };
} = {}): Promise<FtpUnderTest> {
  const { site, tree: root, stop: stopSite } = await releaseSite();
  const record: History = [];
  const files = recorded(doing(instead(site), site), record);
  const events: FtpEvent[] = [];
  const tls = identity ?? (await makeCertificate());
  const server = createFtpServer({
    config: ftpConfig(config),
    tls,
    accounts: wrapAccounts(accountsOf(files, pace)),
    logger,
    clock: systemClock,
    onEvent: (event) => events.push(event),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.stop().then(stopSite));
  onTestFinished(stop);
  const { port } = await server.listen();
  return { port, root, site, record, events, server, certificate: tls.cert, stop };
}

export function ftpConfig(config: object = {}): FtpConfig {
  return configSchema.shape.ftp.unwrap().parse({ host: '127.0.0.1', port: 0, tls: 'optional', ...config });
}

function accountsOf(files: PublishedFiles, pace: Pace | undefined): Accounts {
  return {
    isOwn: () => false,
    isMirror: (user) => user === 'mirror',
    isKnown: () => false,
    verify: (user, password) => {
      if (password !== PASSWORD) return Promise.resolve(undefined);
      if (user === 'publisher') return Promise.resolve({ user, kind: 'publisher', folder: ROOT, files });
      if (user === 'mirror')
        return Promise.resolve({ user, kind: 'mirror', folder: ROOT, files, ...(pace && { pace }) });
      if (user === 'docs') return Promise.resolve({ user, kind: 'publisher', folder: 'docs' as SitePath, files });
      if (user === 'releaser')
        return Promise.resolve({ user, kind: 'publisher', folder: ROOT, files, releasesOnly: true });
      return Promise.resolve(undefined);
    },
  };
}

function recorded(files: PublishedFiles, record: History): PublishedFiles {
  const noted = async <T>(text: string, change: Promise<T>): Promise<T> => {
    const result = await change;
    record.push(text);
    return result;
  };
  const changes: Partial<PublishedFiles> = {
    remove: (path, by) => noted(`delete ${path}`, files.remove(path, by)),
    makeDir: (path, by) => noted(`mkdir ${path}`, files.makeDir(path, by)),
    removeDir: (path, by) => noted(`rmdir ${path}`, files.removeDir(path, by)),
    rename: (from, to, by) => noted(`rename ${from} ${to}`, files.rename(from, to, by)),
    touch: (path, mtime, by) => noted(`touch ${path} ${new Date(mtime).toISOString()}`, files.touch(path, mtime, by)),
    async beginUpload(path, options) {
      const upload = await files.beginUpload(path, options);
      return doing(
        {
          commit: (expected) => noted(`put ${path}`, upload.commit(expected)),
          breakOff: (reason) => noted(`broken ${path} ${reason}`, upload.breakOff(reason)),
        },
        upload,
      );
    },
  };
  return doing(changes, files);
}

/** What does some things in another way than `usual`, and all else as that does. */
function doing<T extends object>(others: Partial<T>, usual: T): T {
  return new Proxy(usual, {
    get: (target, key) => {
      const value: unknown = Reflect.get(Object.hasOwn(others, key) ? others : target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
