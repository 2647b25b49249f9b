import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createFtpServer } from '../../electron/engine/master/ftp-server/ftp-server.ts';
import type { FtpConfig, FtpEvent } from '../../electron/engine/master/ftp-server/server-context.ts';
import { MasterSite } from '../../electron/engine/master/site.ts';
import type { Accounts, Pace, SiteFiles, Upload } from '../../electron/engine/master/site-files.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { config as configSchema } from '../../shared/contract/config.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { makeCertificate } from './certificate.ts';
import { createFolderSite } from './ftp-folder-site.ts';
import { temporaryFolder } from './temporary-folder.ts';

const logger = pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' });

/** Makes a site whose tree is `root`; the folder beside it is for what else it needs. */
export type SiteFactory = (root: string, beside: string) => Promise<{ files: SiteFiles; close(): Promise<void> }>;

/** The FTP server is tested on the site of a master, and on a folder without anything behind it. */
export const siteFactories: Readonly<Record<'folder' | 'master', SiteFactory>> = {
  async folder(root) {
    return { files: await createFolderSite(root), close: () => Promise.resolve() };
  },
  async master(root, beside) {
    const store = await openStore(join(beside, 'lockstep.db'));
    const site = new MasterSite({
      name: 'www',
      root: await SiteRoot.open(root, true),
      store,
      journal: new Journal(store, 'www'),
      clock: systemClock,
      logger,
      uploadBytesMax: 2 ** 40,
      onChange: () => {},
    });
    await site.start();
    return {
      files: site,
      async close() {
        await site.stop();
        store.close();
      },
    };
  },
};

/** What went through `SiteFiles`, in order: `put a`, `delete a`, `rename a b`; and `broken a reset 1234` for broken-off uploads. */
export type History = string[];

export interface FtpUnderTest {
  readonly port: number;
  readonly root: string;
  readonly files: SiteFiles;
  readonly record: History;
  readonly events: FtpEvent[];
  readonly server: ReturnType<typeof createFtpServer>;
  readonly certificate: string;
  stop(): Promise<void>;
}

export const PASSWORD = 'a long password';

/**
 * A running server with the accounts `publisher`, `mirror`, `docs` (a publisher kept to the folder `docs`) and `releaser` (by
 * releases only).
 * `wrap` puts something between server and site.
 */
export async function startFtp({
  factory = siteFactories.folder,
  config = {},
  wrap = (files) => files,
  pace,
  identity,
}: {
  factory?: SiteFactory;
  config?: object;
  wrap?: (files: SiteFiles) => SiteFiles;
  /** How the mirror is served. */
  pace?: Pace;
  /** Else a fresh one. */
  identity?: { readonly key: string; readonly cert: string };
} = {}): Promise<FtpUnderTest> {
  const folder = await temporaryFolder();
  const root = join(folder, 'site');
  await mkdir(root);
  const site = await factory(root, folder);
  const record: History = [];
  const files = recorded(wrap(site.files), record);
  const events: FtpEvent[] = [];
  const tls = identity ?? (await makeCertificate());
  const server = createFtpServer({
    config: ftpConfig(config),
    tls,
    accounts: accountsOf(files, pace),
    logger,
    clock: systemClock,
    onEvent: (event) => events.push(event),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= server.stop().then(() => site.close()));
  onTestFinished(stop);
  const { port } = await server.listen();
  return { port, root, files, record, events, server, certificate: tls.cert, stop };
}

export function ftpConfig(config: object = {}): FtpConfig {
  return configSchema.shape.ftp.unwrap().parse({ host: '127.0.0.1', port: 0, tls: 'optional', ...config });
}

function accountsOf(files: SiteFiles, pace: Pace | undefined): Accounts {
  return {
    isMirror: (user) => user === 'mirror',
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

function recorded(files: SiteFiles, record: History): SiteFiles {
  const noted = async <T>(text: string, change: Promise<T>): Promise<T> => {
    const result = await change;
    record.push(text);
    return result;
  };
  return {
    name: files.name,
    get trouble() {
      return files.trouble;
    },
    stat: (path) => files.stat(path),
    list: (path, options) => files.list(path, options),
    open: (path) => files.open(path),
    hash: (path) => files.hash(path),
    partSize: (path, account) => files.partSize(path, account),
    remove: (path, by) => noted(`delete ${path}`, files.remove(path, by)),
    makeDir: (path, by) => noted(`mkdir ${path}`, files.makeDir(path, by)),
    removeDir: (path, by) => noted(`rmdir ${path}`, files.removeDir(path, by)),
    rename: (from, to, by) => noted(`rename ${from} ${to}`, files.rename(from, to, by)),
    ...(files.beginRelease && { beginRelease: files.beginRelease.bind(files) }),
    touch: (path, mtime, by) => noted(`touch ${path} ${new Date(mtime).toISOString()}`, files.touch(path, mtime, by)),
    async beginUpload(path, options) {
      const upload = await files.beginUpload(path, options);
      const wrapped: Upload = {
        get offset() {
          return upload.offset;
        },
        get size() {
          return upload.size;
        },
        write: (chunk) => upload.write(chunk),
        flush: () => upload.flush(),
        commit: (expected) => noted(`put ${path}`, upload.commit(expected)),
        breakOff: (reason) => noted(`broken ${path} ${reason}`, upload.breakOff(reason)),
      };
      return wrapped;
    },
  };
}
