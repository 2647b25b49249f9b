import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { CONSOLE_CONNECTIONS_MAX } from '../../electron/engine/console/console.ts';
import { STREAMS_MAX } from '../../electron/engine/console/event-streams.ts';
import { freePort } from '../support/free-port.ts';
import { ask, bearer, json, serve, type Served, someStatus } from '../support/served-console.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('answers calls, with the defaults of the contract filled in', async () => {
  const { port, run } = await serve();
  const body = JSON.stringify({ name: 'site.add', params: { name: 'www', root: '/srv/www' } });
  const { code, text, headers } = await ask(port, '/api/call', bearer(run), body);
  expect([code, JSON.parse(text)]).toEqual([
    200,
    { ok: true, value: { name: 'www', root: '/srv/www', watch: false, takeOver: false } },
  ]);
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    ),
  });
});

test.each([
  [
    'an expected failure is a value',
    { name: 'site.remove', params: { name: 'www' } },
    200,
    'site.unknown',
    { name: 'www' },
  ],
  ['an unknown call', { name: 'toString', params: {} }, 200, 'call.unknown', { name: 'toString' }],
  [
    'a wrong parameter is named',
    { name: 'site.add', params: { name: '/', root: '/srv' } },
    200,
    'call.invalid',
    { name: 'site.add', key: 'name' },
  ],
  [
    'a mistyped parameter',
    { name: 'site.remove', params: { nmae: 'a', name: 'b' } },
    200,
    'call.invalid',
    { key: 'nmae' },
  ],
  ['more than a call', { name: 'node.status', params: {}, more: 1 }, 400, 'call.invalid', {}],
  ['a bug tells nothing of the inside', { name: 'peer.list', params: {} }, 500, 'internal', {}],
])('%s', async (_, body, code, error, params) => {
  const { port, run } = await serve();
  const answer = await ask(port, '/api/call', bearer(run), JSON.stringify(body));
  expect(answer.code).toBe(code);
  expect(JSON.parse(answer.text)).toMatchObject({ ok: false, error: { code: error, params } });
  expect(answer.text).not.toContain('secret');
});

test('refuses who has no token, comes from elsewhere, or sends too much', async () => {
  const { port, run, logged } = await serve();
  const call = JSON.stringify({ name: 'node.status', params: {} });
  const auth = bearer(run);
  const tries: [string, Record<string, string>, string | undefined, string?][] = [
    ['/api/call', json, call],
    ['/api/call', { ...auth, authorization: `Bearer ${'a'.repeat(43)}` }, call],
    ['/api/call', { ...auth, authorization: 'Bearer' }, call],
    [`/api/call?token=${run.token}`, json, call],
    ['/api/call', { ...auth, host: 'evil.example:80' }, call],
    ['/api/call', { ...auth, host: '127.0.0.1.evil.example' }, call],
    ['/api/call', { ...auth, host: 'x@127.0.0.1' }, call],
    ['/api/call', { ...auth, origin: 'https://evil.example' }, call],
    ['/api/call', { ...auth, origin: 'null' }, call],
    ['/api/call', { ...auth, host: 'localhost:1', origin: 'https://localhost:2' }, call],
    ['/api/call', auth, undefined],
    ['/api/call', { authorization: auth['authorization'] ?? '', 'content-type': 'text/plain' }, call],
    ['/api/call', auth, 'oops'],
    ['/api/call', auth, ' '.repeat(1024 * 1024 + 1)],
    ['/api/call', { ...auth, 'transfer-encoding': 'chunked' }, ' '.repeat(1024 * 1024 + 1)],
    ['/api/other', auth, undefined],
    ['/', {}, undefined, 'DELETE'],
  ];
  const codes: number[] = [];
  for (const [path, headers, body, method] of tries)
    codes.push((await ask(port, path, headers, body, method).catch(() => ({ code: 413 }))).code);
  expect(codes).toEqual([401, 401, 401, 401, 403, 403, 403, 403, 403, 403, 405, 415, 400, 413, 413, 404, 405]);
  expect(
    (await ask(port, '/api/call', { ...auth, host: `localhost:${port}`, origin: `https://localhost:${port}` }, call))
      .code,
  ).toBe(200);
  expect(logged.join('')).not.toContain(run.token);
});

test('what a browser sends is a part of a file with a path of a site, from whoever has the token', async () => {
  const { port, run } = await serve();
  const auth = bearer(run);
  const drop = `/api/sent/${'0a'.repeat(16)}`;
  const part = 'at=0&size=1&mtime=0';
  const tries: [number, string, Record<string, string>, string?][] = [
    [401, `${drop}/a.txt?${part}`, {}],
    [401, `${drop}/a.txt?${part}&token=${run.token}`, json],
    [401, drop, json, 'DELETE'],
    [403, `${drop}/a.txt?${part}`, { ...auth, origin: 'https://evil.example' }],
    [403, drop, { ...auth, host: 'evil.example' }, 'DELETE'],
    [404, `/api/sent/..%2f..%2fidentity/key.pem?${part}`, auth],
    [404, `/api/sent/${'0A'.repeat(16)}/a.txt?${part}`, auth],
    [404, '/api/sent/', auth, 'DELETE'],
    [405, `${drop}/a.txt?${part}`, auth, 'POST'],
    [405, drop, auth, 'PUT'],
    [405, `${drop}/a.txt`, auth, 'DELETE'],
    [400, `${drop}/a.txt`, auth],
    [400, `${drop}/a.txt?at=-1&size=1&mtime=0`, auth],
    [400, `${drop}/a.txt?at=0&size=1e30&mtime=0`, auth],
    [400, `${drop}/a.txt?${part}&folder=1`, auth],
    [200, `${drop}/a.txt?${part}`, auth],
  ];
  for (const [code, path, headers, method = 'PUT'] of tries)
    expect([path, method, (await ask(port, path, headers, method === 'PUT' ? 'x' : undefined, method)).code]).toEqual([
      path,
      method,
      code,
    ]);
  for (const path of [
    '..%2f..%2fidentity%2fkey.pem',
    '%2e%2e/x',
    'a/..%2fb',
    '.lockstep/mark',
    'a%00b',
    '%ff',
    'a%5cb',
  ]) {
    const { text } = await ask(port, `${drop}/${path}?${part}`, auth, 'x', 'PUT');
    expect([path, text]).toEqual([path, expect.stringMatching(/"ok":false.*"path\.(?:invalid|reserved)"/)]);
  }
});

test('who connects and says nothing does not stay, and holds nobody up', async () => {
  const { port, run } = await serve();
  const silent = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => silent.forEach((socket) => socket.destroy()));
  const closed = Promise.all(silent.map((socket) => once(socket, 'close')));
  const call = JSON.stringify({ name: 'node.status', params: {} });
  expect((await ask(port, '/api/call', bearer(run), call)).code).toBe(200);
  // Without a limit of ours they stay for two minutes.
  expect(await Promise.race([closed, sleep(60_000, 'there', { ref: false })])).not.toBe('there');
});

test('a stranger who is refused does not stay either', async () => {
  const { port } = await serve();
  const plain = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const socket = connectTls({ socket: plain, rejectUnauthorized: false });
  onTestFinished(() => void plain.destroy());
  for (const each of [plain, socket]) each.on('error', () => undefined);
  const gone = new Promise((resolve) => plain.once('close', resolve));
  const upgrade = { Host: `127.0.0.1:${port}`, Connection: 'Upgrade', Upgrade: 'websocket' };
  const lines = Object.entries(upgrade).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /api/events HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 401/);
  socket.resume();
  // It says no end of its own, and goes on instead.
  const more = setInterval(() => socket.write('x'), 20);
  onTestFinished(() => clearInterval(more));
  expect(await Promise.race([gone, sleep(20_000, 'there', { ref: false })])).not.toBe('there');
});

test('health and metrics', async () => {
  const { port } = await serve();
  expect(await ask(port, '/healthz', { host: 'any.example' })).toMatchObject({ code: 200, text: 'ok\n' });
  const metrics = await ask(port, '/metrics');
  expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(metrics.text).toContain(
    '# TYPE lockstep_peer_published_seq gauge\nlockstep_peer_published_seq{site="www",peer="osaka"} 0\n',
  );
  for (const line of metrics.text.trimEnd().split('\n'))
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="(?:[^"\\\n]|\\.)*"(?:,\w+="(?:[^"\\\n]|\\.)*")*\})? -?[\d.e+]+)$/,
    );
  expect((await ask(port, '/metrics', { 'x-forwarded-for': '203.0.113.9' })).code).toBe(401);
});

test('health says in one word what does not work', async () => {
  const well = someStatus(1);
  const deaf = await serve({ status: { ...well, listeners: { ...well.listeners, ftp: null } } });
  expect(await ask(deaf.port, '/healthz')).toMatchObject({ code: 503, text: 'ftp\n' });
  const error = { code: 'site.root-missing' as const, params: { root: '/srv/www' } };
  const closed = await serve({ status: { ...well, sites: well.sites.map((site) => ({ ...site, error })) } });
  expect(await ask(closed.port, '/healthz')).toMatchObject({ code: 503, text: 'site\n' });
});

test('serves the files of the interface and nothing beside them', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'out', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'out', 'index.html'), '<!doctype html><title>Lockstep</title>');
  await writeFile(join(folder, 'out', 'assets', 'app-1a2b.js'), 'go()');
  await writeFile(join(folder, 'out', 'empty.css'), '');
  const { port } = await serve({ staticDir: join(folder, 'out') });
  expect(await ask(port, '/')).toMatchObject({ code: 200, text: '<!doctype html><title>Lockstep</title>' });
  expect(await ask(port, '/assets/app-1a2b.js?x')).toMatchObject({
    code: 200,
    text: 'go()',
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    },
  });
  expect(await ask(port, '/empty.css')).toMatchObject({ code: 200, text: '' });
  for (const path of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets',
    '/%',
    '//etc/passwd',
    '/constructor',
  ])
    expect((await ask(port, path)).code).toBe(404);
});

test('an interface that was replaced while it ran is not a blank page, but a line that says what to do', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'assets'));
  const page = (name: string): string => `<!doctype html><script src="./assets/${name}"></script>`;
  await writeFile(join(folder, 'index.html'), page('app-1a2b.js'));
  await writeFile(join(folder, 'assets', 'app-1a2b.js'), 'go()');
  const { port } = await serve({ staticDir: folder });
  expect((await ask(port, '/')).code).toBe(200);
  await rm(join(folder, 'assets', 'app-1a2b.js'));
  await writeFile(join(folder, 'assets', 'app-3c4d.js'), 'go()');
  await writeFile(join(folder, 'index.html'), page('app-3c4d.js'));
  const { code, text } = await ask(port, '/');
  expect(code).toBe(503);
  expect(text).toContain('Start Lockstep anew');
});

test('without a built interface a line says so', async () => {
  const { port } = await serve();
  const { code, text } = await ask(port, '/');
  expect(code).toBe(200);
  // In a checkout, and where the file of the command line was copied alone: there is nothing to build.
  for (const way of ['npm run build', 'copy out/renderer too']) expect(text).toContain(way);
});

test('streams the status: now, and at each change', async () => {
  const served = await serve();
  const stream = openStream(served, ['lockstep.events', `lockstep.token.${served.run.token}`]);
  expect(await stream.next()).toEqual({ type: 'status', status: someStatus(1) });
  expect(stream.socket.protocol).toBe('lockstep.events');
  served.emit({ type: 'status', status: someStatus(2) });
  expect(await stream.next()).toEqual({ type: 'status', status: someStatus(2) });
  for (let seq = 3; seq <= 500; seq += 1) served.emit({ type: 'status', status: someStatus(seq) });
  // Those in between are passed over once the reader cannot keep up; the last one is not.
  let latest: unknown;
  do latest = await stream.next();
  while (JSON.stringify(latest) !== JSON.stringify({ type: 'status', status: someStatus(500) }));
  stream.socket.close();
  await expect.poll(() => served.listenerCount()).toBe(0);
});

test.each([
  ['without a token', ['lockstep.events'], {}, 401],
  ['with a wrong token', ['lockstep.events', `lockstep.token.${'a'.repeat(43)}`], {}, 401],
  ['from another origin', ['lockstep.events'], { origin: 'https://evil.example' }, 403],
  ['for another name', ['lockstep.events'], { host: 'evil.example' }, 403],
])('refuses a stream %s', async (_, protocols, headers, code) => {
  const served = await serve();
  const socket = new WebSocket(`wss://127.0.0.1:${served.port}/api/events`, protocols, {
    rejectUnauthorized: false,
    headers,
  });
  const answered = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });
  expect(answered).toBe(code);
});

test('so many listen to it and no more', async () => {
  const served = await serve();
  const protocols = ['lockstep.events', `lockstep.token.${served.run.token}`];
  for (let at = 0; at < STREAMS_MAX; at += 1) await openStream(served, protocols).next();
  const address = `wss://127.0.0.1:${served.port}/api/events`;
  const oneMore = new WebSocket(address, protocols, { rejectUnauthorized: false });
  const answered = new Promise((resolve) => {
    oneMore.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    oneMore.on('error', () => undefined);
  });
  expect(await answered).toBe(503);
});

test('so many connections are open and no more', async () => {
  const { port } = await serve();
  const open = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const opened = await Promise.all(Array.from({ length: CONSOLE_CONNECTIONS_MAX }, open));
  await once(await open(), 'close');
  expect(opened.every(({ readyState }) => readyState === 'open')).toBe(true);
});

test('a busy port is named', async () => {
  const taken = createTcpServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(serve({ port })).rejects.toMatchObject({ code: 'port.busy', params: { host: '127.0.0.1', port } });
});

function openStream({ port }: Served, protocols: string[]): { socket: WebSocket; next(): Promise<unknown> } {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/api/events`, protocols, {
    rejectUnauthorized: false,
    origin: `https://127.0.0.1:${port}`,
  });
  onTestFinished(() => socket.terminate());
  const messages: unknown[] = [];
  let wake: () => void = () => undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString('utf8')));
    wake();
  });
  return {
    socket,
    async next() {
      while (messages.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return messages.shift();
    },
  };
}

test('a console that cannot say how it is reached gives its port up again', async () => {
  const port = await freePort();
  const prepare = (dataDir: string) => mkdir(join(dataDir, 'run.json', 'in its place'), { recursive: true });
  await expect(serve({ port, prepare })).rejects.toThrow();
  await expect(once(connect({ host: '127.0.0.1', port }), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
