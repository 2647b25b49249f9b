import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import { hasClient, run } from '../support/ftp-clients.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { type FtpUnderTest, PASSWORD, startFtp } from '../support/ftp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NAMES = ['plain.txt', 'with space.txt', ' -a b', '日本語.html', '🎉.txt', 'q"uote\'s', 'empty'];

/** A small tree with names that trip clients. */
async function makeTree(folder: string): Promise<void> {
  await mkdir(join(folder, 'sub', 'ディレクトリ'), { recursive: true });
  for (const name of NAMES) await writeFile(join(folder, name), name === 'empty' ? '' : `content of ${name}`);
  await writeFile(join(folder, 'sub', 'ディレクトリ', 'big.bin'), Buffer.alloc(2_000_003, 'b'));
}

async function readTree(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.includes('.lockstep')) continue;
    tree[path.slice(folder.length + 1)] = entry.isFile()
      ? (await readFile(path)).toString('base64').slice(0, 10_000)
      : 'folder';
  }
  return tree;
}

/** What is left of an upload of the first five bytes of `0123456789`. */
async function breakOff(ftp: FtpUnderTest, name: string): Promise<void> {
  const client = await RawFtp.login(ftp.port);
  await client.command('ALLO 10');
  expect(await client.upload(`STOR ${name}`, '01234')).toMatch(/^426 /);
}

describe.each([
  ['plain', false],
  ['TLS', true],
] as const)('over %s', (_, tls) => {
  const start = (config: object = {}) => startFtp({ config: { tls: tls ? 'required' : 'optional', ...config } });

  test.runIf(hasClient('curl'))('curl puts, gets, lists, resumes, renames and deletes', async () => {
    const ftp = await start();
    const folder = await temporaryFolder();
    await makeTree(folder);
    const curl = (...args: string[]) =>
      run(
        'curl',
        ['-sS', '--max-time', '30', '-u', `publisher:${PASSWORD}`, ...(tls ? ['--ssl-reqd', '-k'] : []), ...args],
        { cwd: folder },
      );
    const url = (path: string) => `ftp://127.0.0.1:${ftp.port}/${path.split('/').map(encodeURIComponent).join('/')}`;
    for (const name of NAMES) expect(await curl('-T', `./${name}`, url(name))).toEqual({ code: 0, output: '' });
    for (const name of NAMES)
      expect(await curl(url(name))).toEqual({ code: 0, output: name === 'empty' ? '' : `content of ${name}` });
    expect((await curl('-l', url(''))).output.split('\n').filter(Boolean).sort()).toEqual([...NAMES].sort());
    expect(await curl('--ftp-create-dirs', '-T', './plain.txt', url('new/deep/plain.txt'))).toEqual({
      code: 0,
      output: '',
    });
    expect(
      (await curl('-Q', '-RNFR plain.txt', '-Q', '-RNTO moved.txt', '-Q', '-DELE empty', '-o', '/dev/null', url('')))
        .code,
    ).toBe(0);
    if (!tls) {
      await writeFile(join(folder, 'digits'), '0123456789');
      await breakOff(ftp, 'digits');
      expect(await curl('-C', '-', '-T', './digits', url('digits'))).toEqual({ code: 0, output: '' });
      expect(await readFile(join(ftp.root, 'digits'), 'utf8')).toBe('0123456789');
    }
    expect((await readdir(ftp.root)).includes('moved.txt')).toBe(true);
    expect(ftp.record.filter((line) => line.startsWith('broken')).length).toBe(tls ? 0 : 1);
  });

  /** Its session is over where it finds its data connection reset before it has read the reply. */
  test.runIf(hasClient('curl') && hasClient('python3'))(
    'clients that read no reply before they have sent all are told why an upload is given up',
    async () => {
      const ftp = await start({ limits: { uploadBytes: 4_000_000 } });
      const folder = await temporaryFolder();
      // Far more than sockets hold.
      await writeFile(join(folder, 'large'), Buffer.alloc(40_000_000, 'x'));
      const login = ['-u', `publisher:${PASSWORD}`, ...(tls ? ['--ssl-reqd', '-k'] : [])];
      const url = `ftp://127.0.0.1:${ftp.port}/large`;
      const curl = await run('curl', ['-sS', '--max-time', '30', ...login, '-T', 'large', url], { cwd: folder });
      expect(curl).toEqual({ code: 70, output: 'curl: (70) Exceeded storage allocation\n' });
      const program = `
import ftplib, ssl
ftp = ${tls ? 'ftplib.FTP_TLS(context=ssl._create_unverified_context(), timeout=30)' : 'ftplib.FTP(timeout=30)'}
ftp.connect('127.0.0.1', ${ftp.port})
ftp.login('publisher', '${PASSWORD}')
${tls ? 'ftp.prot_p()' : ''}
try:
    ftp.storbinary('STOR large', open('large', 'rb'))
except ftplib.error_perm as error:
    print(error)
print(ftp.sendcmd('NOOP'))
`;
      const python = await run('python3', ['-c', program], { cwd: folder });
      expect(python.output).toMatch(/^552 .*\n200 /);
      expect(ftp.record).toEqual(['broken large too-large', 'broken large too-large']);
    },
  );

  /** By itself it asks for SIZE when it has lost a connection, and goes on from where it was if that is not less. */
  test.runIf(hasClient('lftp') && process.platform !== 'win32')(
    'lftp that has stood still does not go on from an older file',
    async () => {
      const ftp = await start({ limits: { stallSeconds: 1 } });
      const folder = await temporaryFolder();
      const [older, newer] = [Buffer.alloc(3_000_000, 'o'), Buffer.alloc(4_000_000, 'n')];
      await (await ftpLogin({ port: ftp.port, user: 'publisher', password: PASSWORD, tls })).uploadFrom(
        Readable.from([older]),
        'a',
      );
      await writeFile(join(folder, 'a'), newer);
      const settings = `set ssl:verify-certificate no; set ftp:ssl-allow ${tls}; set net:limit-rate 0:1000000; set net:reconnect-interval-base 1; set net:max-retries 3`;
      const child = spawn(
        'lftp',
        ['-u', `publisher,${PASSWORD}`, '-e', `${settings}; put a; bye`, `127.0.0.1:${ftp.port}`],
        {
          cwd: folder,
          stdio: 'ignore',
        },
      );
      const ended = once(child, 'exit');
      await expect
        .poll(() => ftp.server.sessions().some(({ transfer }) => (transfer?.bytes ?? 0) > 1_000_000), {
          timeout: 20_000,
        })
        .toBe(true);
      child.kill('SIGSTOP');
      await expect.poll(() => ftp.record.at(-1), { timeout: 20_000 }).toBe('broken a stalled');
      child.kill('SIGCONT');
      await ended;
      const now = await readFile(join(ftp.root, 'a'));
      expect([older, newer].filter((whole) => whole.equals(now))).toHaveLength(1);
    },
  );

  test('basic-ftp reads why a transfer is refused, and goes on', async () => {
    const ftp = await start({ limits: { uploadBytes: 1_000_000 } });
    const client = await ftpLogin({ port: ftp.port, user: 'publisher', password: PASSWORD, tls });
    for (let count = 0; count < 10; count += 1) {
      await expect(client.downloadTo(new PassThrough().resume(), 'nowhere')).rejects.toMatchObject({ code: 550 });
      await expect(client.uploadFrom(Readable.from([Buffer.alloc(5_000_000)]), 'large')).rejects.toMatchObject({
        code: 552,
      });
      await client.uploadFrom(Readable.from([Buffer.from('small')]), `small-${count}`);
    }
    expect(await client.list()).toHaveLength(10);
  });

  test.runIf(hasClient('lftp'))('lftp is not made to send a part of a file for the whole', async () => {
    for (const code of ['file.disk-full', 'file.io', 'upload.changed'] as const) {
      let times = 1;
      const ftp = await startFtp({
        config: { tls: tls ? 'required' : 'optional' },
        instead: (files) => ({
          async beginUpload(path, options) {
            const upload = await files.beginUpload(path, options);
            const write = upload.write.bind(upload);
            upload.write = (chunk) => {
              if (times === 0) return write(chunk);
              times -= 1;
              return Promise.reject(new AppError(code, { path }));
            };
            return upload;
          },
        }),
      });
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'page.bin'), Buffer.alloc(300_000, 'x'));
      const script = [
        `set ftp:ssl-allow ${tls}`,
        'set ssl:verify-certificate no',
        'set net:max-retries 2',
        'set net:reconnect-interval-base 1',
        `open -u publisher,'${PASSWORD}' -p ${ftp.port} 127.0.0.1`,
        'put page.bin',
      ];
      expect((await run('lftp', ['-c', script.join('\n')], { cwd: folder })).code).not.toBe(0);
      expect(ftp.record.map((line) => line.split(' ', 2).join(' '))).toEqual(['broken page.bin']);
    }
  });

  test.runIf(hasClient('lftp'))('lftp mirrors both ways, resumes, renames and deletes', async () => {
    const ftp = await start();
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'up'));
    await makeTree(join(folder, 'up'));
    await writeFile(join(folder, 'digits'), '0123456789');
    if (!tls) await breakOff(ftp, 'digits');
    const script = [
      'set net:max-retries 1; set net:timeout 20; set ssl:verify-certificate no; set cmd:fail-exit yes',
      `set ftp:ssl-force ${tls}; set ftp:ssl-protect-data ${tls}; set ftp:ssl-allow ${tls}`,
      `open -u publisher,"${PASSWORD}" ftp://127.0.0.1:${ftp.port}`,
      'mirror -R up site',
      'mirror site down',
      'put -c digits',
      'mv site/plain.txt site/moved.txt',
      'rm -r site/sub',
      'ls -la site',
      'bye',
    ];
    expect(await run('lftp', ['-c', script.join('\n')], { cwd: folder })).toEqual({
      code: 0,
      output: expect.any(String),
    });
    expect(await readTree(join(folder, 'down'))).toEqual(await readTree(join(folder, 'up')));
    expect(await readFile(join(ftp.root, 'digits'), 'utf8')).toBe('0123456789');
    expect((await readdir(join(ftp.root, 'site'))).sort()).toEqual(
      [...NAMES.filter((name) => name !== 'plain.txt'), 'moved.txt'].sort(),
    );
    const [sent, kept] = await Promise.all([
      stat(join(folder, 'up', '日本語.html')),
      stat(join(ftp.root, 'site', '日本語.html')),
    ]);
    expect(Math.floor(kept.mtimeMs / 1000)).toBe(Math.floor(sent.mtimeMs / 1000));
  });

  test.runIf(hasClient('rclone'))('rclone copies a tree both ways and finds no difference', async () => {
    const ftp = await start();
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'up'));
    await makeTree(join(folder, 'up'));
    const obscured = (await run('rclone', ['obscure', PASSWORD])).output.trim();
    const env = {
      RCLONE_CONFIG: join(folder, 'rclone.conf'),
      RCLONE_CONFIG_M_TYPE: 'ftp',
      RCLONE_CONFIG_M_HOST: '127.0.0.1',
      RCLONE_CONFIG_M_PORT: String(ftp.port),
      RCLONE_CONFIG_M_USER: 'publisher',
      RCLONE_CONFIG_M_PASS: obscured,
      RCLONE_CONFIG_M_EXPLICIT_TLS: String(tls),
      RCLONE_CONFIG_M_NO_CHECK_CERTIFICATE: 'true',
    };
    const rclone = (...args: string[]) => run('rclone', [...args, '--retries', '1'], { cwd: folder, env });
    expect(await rclone('copy', 'up', 'm:site')).toMatchObject({ code: 0 });
    expect(await rclone('check', 'up', 'm:site', '--download')).toMatchObject({ code: 0 });
    expect(await rclone('copy', 'm:site', 'down')).toMatchObject({ code: 0 });
    expect(await readTree(join(folder, 'down'))).toEqual(await readTree(join(folder, 'up')));
    expect(await rclone('moveto', 'm:site/plain.txt', 'm:site/moved.txt')).toMatchObject({ code: 0 });
    expect(await rclone('purge', 'm:site/sub')).toMatchObject({ code: 0 });
    expect((await readdir(join(ftp.root, 'site'))).sort()).toEqual(
      [...NAMES.filter((name) => name !== 'plain.txt'), 'moved.txt'].sort(),
    );
  });

  test.runIf(hasClient('python3'))("Python's ftplib does all that it can", async () => {
    const ftp = await start();
    const script = `
import ftplib, io, ssl, sys
f = ftplib.FTP_TLS(context=ssl._create_unverified_context()) if ${tls ? 'True' : 'False'} else ftplib.FTP()
f.encoding = 'utf-8'
f.connect('127.0.0.1', ${ftp.port}, timeout=20); f.login('publisher', ${JSON.stringify(PASSWORD)})
if ${tls ? 'True' : 'False'}: f.prot_p()
for name in ['a', 'b c', '日本', 'x' * 255]:
    f.storbinary('STOR ' + name, io.BytesIO(name.encode() * 5000))
    got = io.BytesIO(); f.retrbinary('RETR ' + name, got.write)
    assert got.getvalue() == name.encode() * 5000
    assert f.size(name) == len(name.encode()) * 5000
assert sorted(f.nlst()) == sorted(['a', 'b c', '日本', 'x' * 255])
assert dict(f.mlsd())['a']['size'] == '5000'
f.storbinary('STOR a', io.BytesIO(b'tail'), rest=4998)
assert f.size('a') == 5002
f.storlines('STOR lines', io.BytesIO(b'one\\ntwo\\n'))
lines = []; f.retrlines('RETR lines', lines.append); assert lines == ['one', 'two']
assert f.mkd('d "q"') == '/d "q"'
f.cwd('d "q"'); assert f.pwd() == '/d "q"'; f.cwd('..'); f.rmd('d "q"')
f.rename('b c', 'c b'); f.delete('c b')
s = f.transfercmd('RETR ' + 'x' * 255); s.recv(10); 
f.abort() if not ${tls ? 'True' : 'False'} else f.putcmd('ABOR') or f.getmultiline()
s.close()
try: f.voidresp()
except ftplib.all_errors: pass
try: f.delete('nowhere')
except ftplib.error_perm as e: print(e)
f.quit()
`;
    expect(await run('python3', ['-c', script])).toEqual({
      code: 0,
      output: '550 No such file or directory. Check the name: upper and lower case differ.\n',
    });
  });
});

/** `closeNotify` off, for those whose ssl closes without a word, as Python's does here, and with its receive buffer unread: with TLS 1.3 that would cut off its own upload. */
test.runIf(hasClient('python3')).each(['TLSv1_2', 'TLSv1_3'])(
  'forty uploads with %s that end with the bare end of the connection are whole',
  async (version) => {
    const ftp = await startFtp({ config: { tls: 'required', closeNotify: false } });
    const script = `
import ftplib, ssl
c = ssl._create_unverified_context(); c.minimum_version = c.maximum_version = ssl.TLSVersion.${version}
f = ftplib.FTP_TLS(context=c); f.connect('127.0.0.1', ${ftp.port}, timeout=20); f.login('publisher', ${JSON.stringify(PASSWORD)}); f.prot_p()
for n in range(40):
    s = f.transfercmd('STOR a'); s.sendall(b'x' * 500000); s.close(); f.voidresp()
    assert f.size('a') == 500000
    f.delete('a')
print(f.sock.version())
`;
    expect(await run('python3', ['-c', script])).toEqual({ code: 0, output: `${version.replace('_', '.')}\n` });
  },
);

test.runIf(hasClient('ncftpput'))('ncftpput puts a tree', async () => {
  const ftp = await startFtp();
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'up'));
  await makeTree(join(folder, 'up'));
  const args = ['-u', 'publisher', '-p', PASSWORD, '-P', String(ftp.port), '-R', '127.0.0.1', '/', 'up'];
  expect(await run('ncftpput', args, { cwd: folder })).toMatchObject({ code: 0 });
  expect(await readTree(join(ftp.root, 'up'))).toEqual(await readTree(join(folder, 'up')));
});

/** wput 0.6.2 cannot read TLS 1.3: it fails at the first session ticket. */
test.runIf(hasClient('wput'))('wput puts and resumes', async () => {
  const ftp = await startFtp();
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'digits'), '0123456789');
  await breakOff(ftp, 'digits');
  const url = `ftp://publisher:${encodeURIComponent(PASSWORD)}@127.0.0.1:${ftp.port}/`;
  expect((await run('wput', ['--disable-tls', 'digits', url], { cwd: folder })).code).toBe(0);
  expect(await readFile(join(ftp.root, 'digits'), 'utf8')).toBe('0123456789');
});
