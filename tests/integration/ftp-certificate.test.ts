import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readConfig } from '../../electron/engine/config/config-file.ts';
import { statusLines } from '../../electron/entry/cli/commands/status.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { writeAtomically } from '../../electron/engine/tree/replace-file.ts';
import { examineOwnCertificate } from '../../electron/engine/doctor/folders.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import { IDENTITY_SERVER_NAME } from '../../electron/engine/link/identity-name.ts';
import { readCertificate } from '../../electron/engine/master/ftp-server/certificate-files.ts';
import { ServerTls } from '../../electron/engine/master/ftp-server/server-tls.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { makeCertificate } from '../support/certificate.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { noSecrets } from '../support/no-secrets.ts';

const DAY = 86_400_000;

/** A certificate for a name, by an authority of its own that is in the chain, good from `from` until `until` (days from now). */
async function issue(
  name: string,
  { from = -1, until = 90 } = {},
): Promise<{ cert: string; key: string; authority: string }> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const [ca, keys] = await Promise.all(
    [1, 2].map(() => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])),
  );
  if (!ca || !keys) throw new Error('no keys');
  const days = { notBefore: new Date(Date.now() + from * DAY), notAfter: new Date(Date.now() + until * DAY) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=An authority',
    keys: ca,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 900 * DAY),
    notAfter: new Date(Date.now() + 900 * DAY),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: `CN=${name}`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: ca.privateKey,
    signingAlgorithm: algorithm,
    ...days,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: `${certificate.toString('pem')}\n${authority.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`,
    authority: authority.toString('pem'),
  };
}

async function filesOf(folder: string, pem: { cert: string; key: string }): Promise<{ cert: string; key: string }> {
  const files = { cert: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
  for (const name of ['cert', 'key'] as const) {
    await writeFile(`${files[name]}.new`, pem[name]);
    await rename(`${files[name]}.new`, files[name]);
  }
  return files;
}

/** The certificate that a client sees which asks for `servername`. */
async function shownTo(port: number, servername: string, options: object = {}): Promise<X509Certificate | undefined> {
  const client = await RawFtp.connect(port);
  await client.command('AUTH TLS');
  const socket = await client.startTls({ servername, ...options });
  const certificate = socket.getPeerX509Certificate();
  // Whoever looks again and again would be one session too many.
  socket.destroy();
  return certificate;
}

test('the public is shown the certificate of the settings, with its chain; who pins the identity sees the identity', async () => {
  const folder = await temporaryFolder();
  const issued = await issue('ftp.example.org');
  const ftp = await startFtp({ config: { certificate: await filesOf(folder, issued) } });
  const verified = { ca: [issued.authority], rejectUnauthorized: true };
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
    expect((await shownTo(ftp.port, 'ftp.example.org', { ...verified, maxVersion }))?.subject).toBe(
      'CN=ftp.example.org',
    );
  expect((await shownTo(ftp.port, ''))?.subject).toBe('CN=ftp.example.org');
  expect((await shownTo(ftp.port, IDENTITY_SERVER_NAME))?.raw).toEqual(new X509Certificate(ftp.certificate).raw);
});

test('the hosts of the certificate are served, before AUTH and after it, and what comes with AUTH is not', async () => {
  const ftp = await startFtp({
    config: { tls: 'required', certificate: await filesOf(await temporaryFolder(), await issue('ftp.example.org')) },
  });
  const client = await RawFtp.connect(ftp.port);
  const ask = async (host: string): Promise<string> => (await client.command(`HOST ${host}`)).slice(0, 4);
  const asked = async () => [await ask('ftp.example.org'), await ask('www.example.org'), await ask('127.0.0.1')];
  expect(await asked()).toEqual(['220 ', '504 ', '220 ']);
  expect(await client.command('AUTH TLS')).toMatch(/^234 /);
  await client.startTls({ servername: 'ftp.example.org' });
  expect(await asked()).toEqual(['220 ', '504 ', '220 ']);
  expect(await client.command('USER publisher')).toMatch(/^331 /);
  const injected = await RawFtp.connect(ftp.port);
  injected.write('AUTH TLS\r\nHOST ftp.example.org\r\n');
  expect(await injected.reply()).toMatch(/^421 /);
});

test('data connections show it too, and resume its session', async () => {
  const ftp = await startFtp({
    config: { certificate: await filesOf(await temporaryFolder(), await issue('ftp.example.org')) },
  });
  for (const [servername, subject] of [
    ['ftp.example.org', 'CN=ftp.example.org'],
    [IDENTITY_SERVER_NAME, 'CN=Lockstep'],
  ] as const) {
    const client = await RawFtp.connect(ftp.port);
    await client.command('AUTH TLS');
    let session: Buffer | undefined;
    const control = await client.startTls({ servername });
    control.on('session', (ticket: Buffer) => (session = ticket));
    for (const line of ['USER publisher', 'PASS a long password', 'PBSZ 0', 'PROT P']) await client.command(line);
    for (const resumed of [false, true]) {
      const raw = await client.data();
      expect(await client.command('NLST')).toMatch(/^150 /);
      const data = connectTls({ socket: raw, servername, rejectUnauthorized: false, ...(resumed && { session }) });
      await new Promise((resolve) => data.once('secureConnect', resolve));
      expect(data.isSessionReused()).toBe(resumed);
      if (!resumed) expect(data.getPeerX509Certificate()?.subject).toBe(subject);
      data.resume();
      expect(await client.reply()).toMatch(/^226 /);
    }
  }
});

test.each([
  ['that is not there', async () => ({ cert: '', key: '' }), 'certificate.unreadable'],
  ['that is no PEM', async () => ({ cert: 'hello', key: 'hello' }), 'certificate.unreadable'],
  [
    'with the key of another',
    async () => ({ ...(await issue('a.example')), key: (await issue('b.example')).key }),
    'certificate.mismatch',
  ],
  ['that has expired', () => issue('a.example', { from: -90, until: -1 }), 'certificate.expired'],
  ['of next month', () => issue('a.example', { from: 30 }), 'certificate.early'],
])('a certificate %s is told, and the identity is shown instead', async (_, make, code) => {
  const folder = await temporaryFolder();
  const pem = await make();
  const files =
    pem.cert === '' ? { cert: join(folder, 'none'), key: join(folder, 'none') } : await filesOf(folder, pem);
  await expect(readCertificate(files, Date.now())).rejects.toMatchObject({ code });
  const [finding] = await examineOwnCertificate(files, Date.now());
  expect(finding).toMatchObject({ check: 'identity', level: 'problem', code });
  const ftp = await startFtp({ config: { certificate: files } });
  expect((await shownTo(ftp.port, 'a.example'))?.subject).toBe('CN=Lockstep');
});

test('a renewed certificate is in force for the next connection, a broken one is not', async () => {
  const folder = await temporaryFolder();
  const files = await filesOf(folder, await issue('old.example'));
  const log: string[] = [];
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  const tls = new ServerTls({ identity: await makeCertificate(), files, clock: systemClock, logger });
  onTestFinished(() => tls.stop());
  await tls.start();
  await tls.look();
  await filesOf(folder, { ...(await issue('new.example')), key: 'half of it' });
  await tls.look();
  await filesOf(folder, await issue('new.example'));
  await tls.look();
  expect(log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the certificate of FTP is in force',
    'the certificate of FTP is not in force',
    'the certificate of FTP is in force',
  ]);
  expect(log.join('')).not.toContain('PRIVATE KEY');
});

test('a certificate is in force as soon as it is good, with no file changed, and told as expired when it has', async () => {
  const files = await filesOf(await temporaryFolder(), await issue('a.example', { from: 30, until: 60 }));
  let days = 0;
  let told = 0;
  const clock = { ...systemClock, now: () => Date.now() + days * DAY };
  const logger = pino({ level: 'silent' });
  const tls = new ServerTls({ identity: await makeCertificate(), files, clock, logger, onFault: () => (told += 1) });
  onTestFinished(() => tls.stop());
  await tls.start();
  const seen = [];
  for (days of [0, 1, 31, 59, 61, 62]) {
    await tls.look();
    seen.push([tls.fault?.code, tls.isOf('a.example'), told]);
  }
  expect(seen).toEqual([
    ['certificate.early', undefined, 1],
    ['certificate.early', undefined, 1],
    [undefined, true, 2],
    [undefined, true, 2],
    ['certificate.expired', true, 3],
    ['certificate.expired', true, 3],
  ]);
});

test('status tells that the certificate of the settings is not in force, until it is', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const at = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', ftp: at, link: at, console: at });
  const issued = await issue('a.example');
  const files = await filesOf(folder, { ...issued, key: (await issue('b.example')).key });
  const config = await readConfig(dataDir);
  await writeAtomically(
    join(dataDir, 'config.json'),
    JSON.stringify({ ...config, ftp: { ...config.ftp, certificate: files } }),
  );
  const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
  const engine = await createEngine(ports, dataDir);
  onTestFinished(() => engine.stop());
  const told: unknown[] = [];
  onTestFinished(
    engine.subscribe((event) => void (event.type === 'status' && told.push(event.status.certificateFault)), 'status'),
  );
  const status = await engine.call('node.status', {});
  expect(status.certificateFault).toEqual({ code: 'certificate.mismatch', params: files });
  expect(statusLines(status, Date.now()).join('\n')).toMatch(/^▲ FTP: The key in “.*” does not match the certificate/m);
  await filesOf(folder, issued);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect.poll(async () => (await engine.call('node.status', {})).certificateFault).toBeUndefined();
  await expect.poll(() => told.length > 0 && told.at(-1) === undefined).toBe(true);
});

/** FileZilla and others break a transfer off whose data connection shows another certificate, or does not resume the session. */
test.each([false, true])(
  'a session keeps to the certificate that it began with when it is renewed, and the next one has the new one (ftp.resumeTls %s)',
  async (resumeTls) => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = await temporaryFolder();
    const certificate = await filesOf(folder, await issue('old.example'));
    const ftp = await startFtp({ config: { certificate, resumeTls } });
    const client = await RawFtp.connect(ftp.port);
    await client.command('AUTH TLS');
    let session: Buffer | undefined;
    const control = await client.startTls({});
    control.on('session', (ticket: Buffer) => (session = ticket));
    for (const line of ['USER publisher', 'PASS a long password', 'PBSZ 0', 'PROT P']) await client.command(line);
    const renewed = await issue('new.example');
    await filesOf(folder, renewed);
    await vi.advanceTimersByTimeAsync(10_000);
    await expect.poll(async () => (await shownTo(ftp.port, ''))?.subject).toBe('CN=new.example');
    for (const resumed of resumeTls ? [true] : [true, false]) {
      const raw = await client.data();
      expect(await client.command('NLST')).toMatch(/^150 /);
      const data = connectTls({ socket: raw, rejectUnauthorized: false, ...(resumed && { session }) });
      await new Promise((resolve) => data.once('secureConnect', resolve));
      expect(data.isSessionReused()).toBe(resumed);
      if (!resumed) expect(data.getPeerX509Certificate()?.subject).toBe('CN=old.example');
      data.resume();
      expect(await client.reply()).toMatch(/^226 /);
    }
  },
);

test('a certificate that is set, changed or removed is for the next session; an upload under way goes on, over the one that it began with', async () => {
  const folder = await temporaryFolder();
  const at = { host: '127.0.0.1', port: 0 };
  const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
  await mkdir(root);
  await initNode(dataDir, { role: 'master', ftp: at, link: at, console: at });
  const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
  const engine = await createEngine(ports, dataDir);
  onTestFinished(() => engine.stop());
  await engine.call('site.add', { name: 'www', root, watch: false });
  const password = 'a long password';
  await engine.call('account.add', { user: 'anna', site: 'www', password });
  const port = engine.listeners().ftp?.port ?? 0;
  const client = await RawFtp.connect(port);
  await client.command('AUTH TLS');
  await client.startTls({});
  for (const line of ['USER anna', `PASS ${password}`, 'PBSZ 0', 'PROT P']) await client.command(line);
  const secured = async (command: string) => {
    const raw = await client.data();
    expect(await client.command(command)).toMatch(/^150 /);
    const data = connectTls({ socket: raw, rejectUnauthorized: false });
    await new Promise((resolve) => data.once('secureConnect', resolve));
    expect(data.getPeerX509Certificate()?.subject).toBe('CN=Lockstep');
    return data;
  };
  const upload = await secured('STOR a.txt');
  upload.write('one ');
  const set = async (certificate: { cert: string; key: string } | undefined) => {
    const { ftp, ...config } = await readConfig(dataDir);
    await writeAtomically(join(dataDir, 'config.json'), JSON.stringify({ ...config, ftp: { ...ftp, certificate } }));
  };
  const shown = async () => {
    expect(engine.listeners().ftp?.port).toBe(port);
    return (await shownTo(port, 'a.example'))?.subject;
  };
  const fault = async () => (await engine.call('node.status', {})).certificateFault?.code;
  const other = join(folder, 'other');
  await mkdir(other);
  const files = await filesOf(folder, await issue('a.example'));
  await set(files);
  await expect.poll(shown).toBe('CN=a.example');
  upload.write('two ');
  await set(await filesOf(other, await issue('b.example')));
  await expect.poll(shown).toBe('CN=b.example');
  await set({ cert: join(folder, 'none'), key: join(folder, 'none') });
  await expect.poll(fault).toBe('certificate.unreadable');
  expect(await shown()).toBe('CN=b.example');
  await set(undefined);
  await expect.poll(shown).toBe('CN=Lockstep');
  expect(await fault()).toBeUndefined();
  upload.end('three');
  expect(await client.reply()).toMatch(/^226 /);
  expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('one two three');
  const listing = await secured('NLST');
  listing.resume();
  expect(await client.reply()).toMatch(/^226 /);
});

test('a mirror fetches from a master that shows the public another certificate, and goes on when it is renewed', async () => {
  const folder = await temporaryFolder();
  const at = { host: '127.0.0.1', port: 0 };
  const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
  const [masterData, mirrorData, root, copy] = ['master', 'mirror', 'www', 'copy'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await mkdir(root);
  await writeFile(join(root, 'a'), 'content');
  await initNode(masterData, { role: 'master', ftp: at, link: at, console: at });
  await initNode(mirrorData, { role: 'mirror', console: at });
  const files = await filesOf(folder, await issue('ftp.example.org'));
  const config = await readConfig(masterData);
  await writeAtomically(
    join(masterData, 'config.json'),
    JSON.stringify({ ...config, ftp: { ...config.ftp, certificate: files } }),
  );
  const master = await createEngine(ports, masterData);
  onTestFinished(() => master.stop());
  await master.call('site.add', { name: 'www', root, watch: false });
  const { code } = await master.call('pairing.invite', { site: 'www', expiresSeconds: 600 });
  const mirror = await createEngine(ports, mirrorData);
  onTestFinished(() => mirror.stop());
  await mirror.call('pairing.join', { code, root: copy, dial: 'mirror' });
  const inStep = async () => (await master.call('node.status', {})).sites[0]?.peers[0]?.inStep;
  await expect.poll(inStep).toBe(true);
  await filesOf(folder, await issue('ftp.example.org'));
  await writeFile(join(root, 'b'), 'more');
  await master.call('site.rescan', { name: 'www', allowDeletes: false });
  await expect.poll(inStep).toBe(true);
  expect((await shownTo(master.listeners().ftp?.port ?? 0, 'ftp.example.org'))?.subject).toBe('CN=ftp.example.org');
});

test('a server that finds its port taken looks after its certificate no more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const certificate = await filesOf(await temporaryFolder(), await issue('ftp.example'));
  const { port } = await startFtp();
  const before = vi.getTimerCount();
  await expect(startFtp({ config: { certificate, port } })).rejects.toMatchObject({ code: 'port.busy' });
  expect(vi.getTimerCount()).toBe(before);
});
