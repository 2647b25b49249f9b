import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ClientName, hasClient, run } from '../support/ftp-clients.ts';
import { type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { readTree } from '../support/tree.ts';

/** What each client is asked to upload, and what it then makes of its folder `name` at the master. */
interface Client {
  readonly name: ClientName;
  /** It has no TLS, or none that any server of today could speak with it. */
  readonly plainOnly?: boolean;
  /** It sends no folders that hold no file. */
  readonly filesOnly?: boolean;
  /** Uploads `up` (in `cwd`) as the folder of the client's name, changes there what it can, and leaves it as `up` is. */
  publish(context: { network: Network; cwd: string; tls: boolean }): Promise<void>;
}

const LONG = '長'.repeat(85);
/** 日本語ガイド, the last kana decomposed: as macOS sends it. */
const NFD = 'ガイド.html'.normalize('NFD');
const FILES: Record<string, string | Buffer> = {
  'plain.txt': 'plain',
  'with space.txt': 'a space',
  ' -a b': 'looks like an option',
  '-rf': 'so does this',
  '100%25 %2e%2e.txt': 'nothing is decoded',
  'q"uote\'s `$(id)`': 'no shell',
  '日本語.html': '日本',
  '🎉.txt': 'emoji',
  [LONG]: '255 bytes',
  empty: '',
  'sub/ディレクトリ/big.bin': Buffer.alloc(2_000_003, 'b'),
  'sub/[a].txt': 'a glob to some',
  'sub/a#b;c&d.txt': 'signs',
};

async function makeTree(folder: string): Promise<void> {
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
    await utimes(join(folder, path), 1_600_000_000, 1_600_000_000);
  }
  await mkdir(join(folder, 'empty folder', 'deeper'), { recursive: true });
}

/** Content only: not every client sends times. */
async function contents(folder: string): Promise<Record<string, string>> {
  const tree = await readTree(folder);
  return Object.fromEntries(Object.entries(tree).map(([path, value]) => [path, value.replace(/ @\d+$/, '')]));
}

async function must(name: ClientName, args: readonly string[], options: Parameters<typeof run>[2]): Promise<void> {
  const outcome = await run(name, args, options);
  expect(outcome, `${name} ${args.join(' ')}: ${outcome.output.slice(-2000)}`).toMatchObject({ code: 0 });
}

const clients: readonly Client[] = [
  {
    name: 'curl',
    async publish({ network, cwd, tls }) {
      const url = (path: string): string =>
        `ftp://127.0.0.1:${network.ftpPort}/${path.split('/').map(encodeURIComponent).join('/')}`;
      const curl = (...args: string[]): Promise<void> =>
        must('curl', ['-sS', '-u', `${USER}:${PASSWORD}`, ...(tls ? ['--ssl-reqd', '-k'] : []), ...args], { cwd });
      const all = Object.keys(FILES).flatMap((path) => ['-T', join(cwd, 'up', path), url(`curl/${path}`)]);
      // curl takes brackets for a range of files.
      await curl('--globoff', '--ftp-create-dirs', ...all);
      for (let version = 0; version < 5; version += 1)
        await curl('-T', join(cwd, 'up', 'empty'), url('curl/plain.txt'));
      await curl('-T', join(cwd, 'up', 'plain.txt'), url('curl/plain.txt'));
      const quote = (...commands: string[]): string[] => commands.flatMap((command) => ['-Q', command]);
      await curl(
        ...quote('MKD curl/empty folder', 'MKD curl/empty folder/deeper', 'RNFR curl/empty', 'RNTO curl/ moved '),
        ...quote('RNFR curl/ moved ', 'RNTO curl/empty', 'RNFR curl/sub', 'RNTO other', 'RNFR other', 'RNTO curl/sub'),
        '-l',
        url(''),
      );
      // What macOS sends decomposed has its one name, however it is asked for.
      await curl('-T', join(cwd, 'up', 'plain.txt'), url(`curl/${NFD}`));
      expect((await contents(join(network.master.root, 'curl')))[NFD.normalize('NFC')]).toBe('plain');
      await curl(...quote(`DELE curl/${NFD}`), '-l', url(''));
    },
  },
  {
    name: 'lftp',
    async publish({ network, cwd, tls }) {
      const script = [
        'set net:max-retries 2; set net:timeout 30; set ssl:verify-certificate no; set cmd:fail-exit yes',
        `set ftp:ssl-force ${tls}; set ftp:ssl-protect-data ${tls}; set ftp:ssl-allow ${tls}`,
        `open -u ${USER},'${PASSWORD}' ftp://127.0.0.1:${network.ftpPort}`,
        'mirror -R --parallel=3 up lftp',
        'cd lftp',
        'mkdir -p "new folder/deep er"',
        'put up/plain.txt -o "new folder/deep er/plain.txt"',
        'put -c up/plain.txt -o "new folder/deep er/plain.txt"',
        'mv "new folder" "moved folder"',
        'rm -r "moved folder"',
        'put up/empty -o plain.txt; put up/plain.txt -o plain.txt',
        'cd /; mirror -R --delete up lftp',
        'bye',
      ];
      await must('lftp', ['-c', script.join('\n')], { cwd });
    },
  },
  {
    name: 'python3',
    async publish({ network, cwd, tls }) {
      const script = `
import ftplib, io, os, ssl, sys
tls = ${tls ? 'True' : 'False'}
f = ftplib.FTP_TLS(context=ssl._create_unverified_context()) if tls else ftplib.FTP()
f.encoding = 'utf-8'
f.connect('127.0.0.1', ${network.ftpPort}, timeout=30); f.login(os.environ['FTP_USER'], os.environ['FTP_PASSWORD'])
if tls: f.prot_p()
f.mkd('python3')
for folder, folders, files in os.walk('up'):
    there = '/python3' + folder[2:]
    for name in folders: f.mkd(there + '/' + name)
    for name in files:
        for version in [b'first', b'', None]:
            with open(os.path.join(folder, name), 'rb') as file:
                f.storbinary('STOR ' + there + '/' + name, file if version is None else io.BytesIO(version))
f.rename('/python3/sub', '/python3/sub 2'); f.rename('/python3/sub 2', '/python3/sub')
f.storbinary('APPE /python3/appended', io.BytesIO(b'one')); f.storbinary('APPE /python3/appended', io.BytesIO(b' two'))
assert f.size('/python3/appended') == 7
f.delete('/python3/appended')
f.voidcmd('MFMT 20200102030405 /python3/plain.txt')
try: f.voidcmd('SITE CHMOD 600 /python3/plain.txt')
except ftplib.error_perm: pass
f.quit()
`;
      await must('python3', ['-c', script], { cwd, env: { FTP_USER: USER, FTP_PASSWORD: PASSWORD } });
      expect((await network.master.tree())['python3/plain.txt']).toBe(`plain @${Date.UTC(2020, 0, 2, 3, 4, 5)}`);
    },
  },
  {
    name: 'rclone',
    async publish({ network, cwd, tls }) {
      const obscured = (await run('rclone', ['obscure', PASSWORD])).output.trim();
      const env = {
        RCLONE_CONFIG: join(cwd, 'rclone.conf'),
        RCLONE_CONFIG_M_TYPE: 'ftp',
        RCLONE_CONFIG_M_HOST: '127.0.0.1',
        RCLONE_CONFIG_M_PORT: String(network.ftpPort),
        RCLONE_CONFIG_M_USER: USER,
        RCLONE_CONFIG_M_PASS: obscured,
        RCLONE_CONFIG_M_EXPLICIT_TLS: String(tls),
        RCLONE_CONFIG_M_NO_CHECK_CERTIFICATE: 'true',
        // As they are: rclone would write some signs as look-alikes.
        RCLONE_CONFIG_M_ENCODING: 'Slash',
      };
      const rclone = (...args: string[]): Promise<void> => must('rclone', [...args, '--retries', '1'], { cwd, env });
      await rclone('copy', 'up', 'm:rclone', '--create-empty-src-dirs');
      await rclone('move', 'm:rclone/sub', 'm:rclone/elsewhere');
      await rclone('delete', 'm:rclone', '--include', '*.html');
      await rclone('sync', 'up', 'm:rclone', '--create-empty-src-dirs');
      await rclone('check', 'up', 'm:rclone', '--download');
    },
  },
  {
    name: 'ncftpput',
    plainOnly: true,
    async publish({ network, cwd }) {
      const login = ['-u', USER, '-p', PASSWORD, '-P', String(network.ftpPort)];
      await must('ncftpput', [...login, '-m', '-R', '127.0.0.1', '/ncftpput', ...(await topLevel())], {
        cwd: join(cwd, 'up'),
      });
      async function topLevel(): Promise<string[]> {
        const names = Object.keys(await readTree(join(cwd, 'up'))).map((path) => path.split('/')[0] ?? '');
        return [...new Set(names)].map((name) => `./${name}`);
      }
    },
  },
  {
    name: 'wput',
    // 0.6.2 fails at the first session ticket of TLS 1.3, with vsftpd too.
    plainOnly: true,
    filesOnly: true,
    async publish({ network, cwd }) {
      const url = `ftp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${network.ftpPort}/wput/`;
      await must('wput', ['--disable-tls', '-B', '--basename=up/', 'up', url], { cwd });
    },
  },
];

describe.each([
  ['plain', false],
  ['TLS', true],
] as const)('over %s', (_, tls) => {
  test('what every client uploads and changes is at both mirrors, file by file', async () => {
    const network = await startNetwork({ plain: !tls });
    const cwd = join(network.folder, 'publisher');
    await makeTree(join(cwd, 'up'));
    const up = await contents(join(cwd, 'up'));
    const withoutEmptyFolders = Object.fromEntries(
      Object.entries(up).filter(([path]) => !path.startsWith('empty folder/')),
    );
    for (const client of clients) {
      const { name, plainOnly, filesOnly } = client;
      if (!hasClient(name) || (tls && plainOnly)) continue;
      await client.publish({ network, cwd, tls });
      expect(await contents(join(network.master.root, name)), name).toEqual(filesOnly ? withoutEmptyFolders : up);
      await network.inStep();
    }
    await rm(join(cwd, 'up'), { recursive: true });
  });
});
