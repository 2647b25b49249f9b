import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Hook, hook } from '../../shared/contract/hooks.ts';
import type { Change } from '../../shared/domain/change.ts';
import { HOOK_EVENTS_MAX, HookQueue, keyOf } from '../../electron/engine/hooks/hook-queue.ts';
import { Hooks } from '../../electron/engine/hooks/hooks.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { HookEvents } from '../../electron/engine/store/hook-events.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import type { Release } from '../../electron/engine/store/releases.ts';
import { type TransferRow, Transfers } from '../../electron/engine/store/transfers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const logger = pino({ level: 'silent' });
const node = { id: 'a'.repeat(64), name: 'tokyo' };

describe('a command', () => {
  test('reads the event from its standard input, and no shell reads its arguments', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(folder, `writeFileSync('told', process.argv[2] + '|' + input())`);
    const { hooks } = await start(folder, { on: 'published', command: [...program, '$(touch bad) `x`'] });
    hooks.fared('www', [published('a.txt', 7)]);
    const told = await eventually(() => readFile(join(folder, 'told'), 'utf8'));
    const [argument, event = ''] = told.split('|');
    expect(argument).toBe('$(touch bad) `x`');
    expect(JSON.parse(event)).toMatchObject({
      event: 'published',
      site: 'www',
      node,
      changes: [{ op: 'put', path: 'a.txt', seq: 7 }],
      total: 1,
    });
  });

  test('that fails or is missing is tried again, then given up, and the next event is told', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(
      folder,
      `appendFileSync('told', input() + '\\n'); console.error('no luck'); process.exit(3)`,
    );
    const { queue } = await queueOf(folder, { on: 'published', command: program }, [10, 10]);
    queue.add(event('1'));
    queue.add(event('2'));
    await expect.poll(() => queue.status.lost).toBe(2);
    const lines = (await readFile(join(folder, 'told'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['1', '1', '1', '2', '2', '2']);
    expect(queue.status).toMatchObject({
      queued: 0,
      failing: { error: { code: 'hook.command', params: { reason: 'it ended with 3: no luck' } } },
    });
    const { queue: missing } = await queueOf(folder, { on: 'published', command: [join(folder, 'missing')] }, []);
    missing.add(event('1'));
    await expect.poll(() => missing.status.failing?.error.params['reason']).toBe('ENOENT');
  });

  test('that hangs is killed', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(folder, 'setTimeout(() => undefined, 60_000)');
    const { queue } = await queueOf(folder, { on: 'published', command: program, timeoutSeconds: 1 }, []);
    queue.add(event('1'));
    await expect.poll(() => queue.status.failing?.error.params['reason']).toBe('it took too long');
  });

  test.skipIf(process.platform === 'win32')('that hangs is killed with what it has started', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(
      folder,
      `const child = spawn('sleep', ['60']); writeFileSync('child', String(child.pid)); setTimeout(() => undefined, 60_000)`,
    );
    const { queue } = await queueOf(folder, { on: 'published', command: program, timeoutSeconds: 5 }, []);
    queue.add(event('1'));
    await expect.poll(() => queue.status.failing?.error.params['reason'], { timeout: 20_000 }).toBe('it took too long');
    const child = Number(await readFile(join(folder, 'child'), 'utf8'));
    await expect.poll(() => isRunning(child), { timeout: 20_000 }).toBe(false);
  });

  test('that leaves something running in the background is over when it ends itself', async () => {
    const folder = await temporaryFolder();
    const left = `spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 20_000)'], { stdio: 'inherit' })`;
    const program = await writeProgram(folder, `${left}; console.error('as it should'); process.exit(4)`);
    const { queue } = await queueOf(folder, { on: 'published', command: program }, []);
    queue.add(event('1'));
    const reason = (): unknown => queue.status.failing?.error.params['reason'];
    await expect.poll(reason).toBe('it ended with 4: as it should');
  });
});

describe('a webhook', () => {
  test('is signed, tried again where the server is troubled, and not where it refuses', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'secret'), 'a secret\n');
    const answers = [503, 429, 204, 403];
    const { url, heard } = await server(() => answers.shift() ?? 200);
    const { queue } = await queueOf(
      folder,
      { on: 'published', url: `${url}?token=hidden`, secretFile: 'secret' },
      [10, 10, 10],
    );
    queue.add(event('1'));
    await expect.poll(() => heard.length).toBe(3);
    await expect.poll(() => queue.status).toMatchObject({ queued: 0, lost: 0 });
    expect(queue.status.failing).toBeUndefined();
    queue.add(event('2'));
    await expect.poll(() => queue.status.lost).toBe(1);
    expect(heard).toHaveLength(4);
    for (const { headers, body } of heard) {
      const timestamp = String(headers['lockstep-timestamp']);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      const wanted = createHmac('sha256', 'a secret').update(`${timestamp}.${body}`).digest('hex');
      expect(headers['lockstep-signature']).toBe(`sha256=${wanted}`);
      expect(headers['lockstep-delivery']).toBe((JSON.parse(body) as { id: string }).id);
    }
    expect(JSON.stringify(queue.status)).not.toContain('hidden');
    expect(queue.status.failing?.error).toMatchObject({ code: 'hook.refused', params: { reason: 'HTTP 403' } });
  });

  test('holds no password, and what fails tells nothing of its address but where it is', async () => {
    expect(hook.safeParse({ on: 'published', url: 'https://user:word@example.com/x' }).success).toBe(false);
    expect(hook.safeParse({ on: 'published', url: 'https://example.com/@user?to=a@b' }).success).toBe(true);
    // A port that `fetch` refuses by itself.
    const { queue } = await queueOf(
      await temporaryFolder(),
      { on: 'published', url: 'http://127.0.0.1:1/x?key=hidden' },
      [],
    );
    queue.add(event('1'));
    await expect.poll(() => queue.status.failing?.error.code).toBe('hook.unreachable');
    expect(JSON.stringify(queue.status)).not.toContain('hidden');
  });

  test('does not follow to another address', async () => {
    const other = await server(() => 200);
    const first = await server(() => 307, other.url);
    const { queue } = await queueOf(await temporaryFolder(), { on: 'published', url: first.url }, []);
    queue.add(event('1'));
    await expect.poll(() => queue.status.failing?.error.code).toBe('hook.refused');
    expect(other.heard).toEqual([]);
  });
});

test('what is published is told once, gathered, and what was published before the start is not', async () => {
  const { url, heard } = await server(() => 200);
  const { hooks } = await start(await temporaryFolder(), { on: 'published', url });
  hooks.fared('www', [published('a', 1), published('b', 2), { ...published('old', 3), publishedAt: 1 }]);
  hooks.fared('www', [published('a', 1), { ...published('c', 4), state: 'fetched', publishedAt: undefined }]);
  await expect.poll(() => heard.length).toBe(1);
  hooks.fared('www', [published('a', 1)]);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(heard.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { changes: [{ path: 'a' }, { path: 'b' }], total: 2 },
  ]);
});

test('what is published after the clock was set back is told', async () => {
  const { url, heard } = await server(() => 200);
  let ahead = 9 * 3_600_000;
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  const { hooks } = await start(await temporaryFolder(), { on: 'published', url }, clock);
  ahead = 0;
  hooks.fared('www', [{ ...published('a', 1), publishedAt: Date.now() }]);
  await expect.poll(() => heard.length).toBe(1);
});

test('a release is told when the last mirror shows it, once, to hooks of its site', async () => {
  const { url, heard } = await server(() => 200);
  const { hooks } = await start(await temporaryFolder(), { on: 'release-everywhere', url, site: 'www' });
  const releases: Release[] = [];
  const sites = ['www', 'other'].map((name) => ({ name, releases: { list: () => releases } }));
  const peers = [{ peer: 'p', readyAt: undefined, publishedAt: undefined }];
  const release = {
    id: 9,
    first: 8,
    name: 'Spring',
    at: Date.now(),
    account: 'alice',
    peers,
    changes: 2,
  } as unknown as Release;
  releases.push({ ...release, convergedAfter: undefined });
  hooks.lookAt(() => sites);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(heard).toEqual([]);
  releases[0] = { ...release, convergedAfter: 120 };
  for (let times = 0; times < 3; times += 1) hooks.lookAt(() => sites);
  await expect.poll(() => heard.length).toBe(1);
  hooks.lookAt(() => sites);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(heard.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    {
      event: 'release-everywhere',
      site: 'www',
      release: { id: 9, name: 'Spring', convergedAfter: 120, mirrors: ['p'] },
    },
  ]);
});

describe('what was not told when Lockstep stopped', () => {
  test('is told after the next start, with the same id, and once it is taken no more', async () => {
    const folder = await temporaryFolder();
    const answers = [503];
    const { url, heard } = await server(() => answers.shift() ?? 200);
    const first = await start(folder, { on: 'published', url });
    first.hooks.fared('www', [published('a', 1)]);
    await expect.poll(() => first.hooks.status[0]?.failing).toBeDefined();
    first.hooks.fared('www', [published('b', 2)]);
    await first.hooks.stop();
    const second = await start(folder, { on: 'published', url });
    await expect.poll(() => heard.length).toBe(3);
    const told = heard.map(({ body }) => JSON.parse(body) as { id: string; changes: { path: string }[] });
    expect(told.map(({ changes }) => changes.map(({ path }) => path))).toEqual([['a'], ['a'], ['b']]);
    expect(told[0]?.id).toBe(told[1]?.id);
    await expect.poll(() => second.hooks.status[0]?.queued).toBe(0);
    await second.hooks.stop();
    const third = await start(folder, { on: 'published', url });
    expect(third.hooks.status).toMatchObject([{ queued: 0 }]);
  });

  test('is told also where it was not put down before a crash, and not what was', async () => {
    const folder = await temporaryFolder();
    const { url, heard } = await server(() => 200);
    const { hooks, store } = await start(folder, { on: 'published', url });
    const at = Date.now();
    store.run(`INSERT INTO site (id, name) VALUES (1, 'www')`);
    const transfers = new Transfers(store, 1);
    const publish = (path: string, seq: number, when: number): number =>
      transfers.add(put(path, seq, when), 'fetch', 'published', when);
    const before = publish('before', 1, at);
    hooks.fared('www', transfers.of([before]));
    await expect.poll(() => heard.length).toBe(1);
    // As in a crash: visible, and nobody has heard of it.
    publish('meanwhile', 2, at + 1);
    await start(folder, { on: 'published', url });
    await expect.poll(() => heard.length).toBe(2);
    expect(JSON.parse(heard[1]?.body ?? '')).toMatchObject({ changes: [{ path: 'meanwhile', seq: 2 }], total: 1 });
  });

  test('is forgotten with a hook that is taken away, and a new one is told of nothing before it', async () => {
    const folder = await temporaryFolder();
    const { url, heard } = await server(() => 503);
    const { hooks, events } = await start(folder, { on: 'published', url });
    hooks.fared('www', [published('a', 1)]);
    await expect.poll(() => heard.length).toBe(1);
    const key = keyOf(hook.parse({ on: 'published', url }));
    expect(events.of(key)).toHaveLength(1);
    await hooks.apply([]);
    expect([events.of(key), events.heardUntil('published')]).toEqual([[], undefined]);
    await hooks.apply([hook.parse({ on: 'published', url })]);
    expect(hooks.status).toMatchObject([{ queued: 0 }]);
    expect(events.heardUntil('published')).toBeGreaterThan(Date.now() - 60_000);
  });
});

test('of more events than are kept the oldest are given up', async () => {
  const folder = await temporaryFolder();
  const { url } = await server(() => 503);
  const { queue, events } = await queueOf(folder, { on: 'published', url }, [60_000]);
  const all = Array.from({ length: HOOK_EVENTS_MAX + 2 }, (_, at) => event(String(at)));
  events.add(
    all.map((each) => ({ event: each, hooks: [queue.key] })),
    'published',
    1,
  );
  for (const each of all) queue.add(each);
  expect(queue.status).toMatchObject({ queued: HOOK_EVENTS_MAX, lost: 2 });
  expect(events.of(queue.key).map(({ id }) => id)).toEqual(['0', ...all.slice(3).map(({ id }) => id)]);
});

test('a hook has a command or a url, and only a url is signed', () => {
  expect(hook.safeParse({ on: 'published' }).success).toBe(false);
  expect(hook.safeParse({ on: 'published', command: ['x'], url: 'https://x.example/' }).success).toBe(false);
  expect(hook.safeParse({ on: 'published', command: ['x'], secretFile: 'y' }).success).toBe(false);
  expect(hook.safeParse({ on: 'published', url: 'file:///etc/passwd' }).success).toBe(false);
  expect(hook.safeParse({ on: 'published', url: 'https://x.example/', secretFile: 'y' }).success).toBe(true);
});

test('a stop breaks off what is under way, at once', async () => {
  const folder = await temporaryFolder();
  const { queue } = await queueOf(
    folder,
    { on: 'published', command: await writeProgram(folder, 'setTimeout(() => undefined, 60_000)') },
    [60_000],
  );
  queue.add(event('1'));
  const started = performance.now();
  await queue.stop();
  await queue.stop();
  expect(performance.now() - started).toBeLessThan(20_000);
});

async function queueOf(dataDir: string, own: Partial<Hook> & Pick<Hook, 'on'>, delays: readonly number[]) {
  const { events } = await eventsIn(dataDir);
  const queue = new HookQueue({
    hook: hook.parse(own),
    events,
    dataDir,
    clock: systemClock,
    logger,
    onChange: () => undefined,
    delays,
  });
  onTestFinished(() => queue.stop());
  return { queue, events };
}

async function start(dataDir: string, own: Partial<Hook> & Pick<Hook, 'on'>, clock = systemClock) {
  const { events, store } = await eventsIn(dataDir);
  const hooks = new Hooks({
    node,
    events,
    dataDir,
    clock,
    logger,
    nameOf: (peer) => peer,
    onChange: () => undefined,
  });
  await hooks.apply([hook.parse(own)]);
  onTestFinished(() => hooks.stop());
  return { hooks, events, store };
}

async function eventsIn(dataDir: string) {
  const store = await openStore(join(dataDir, 'lockstep.db'), () => Date.now());
  // After those that write into it have stopped.
  onTestFinished(() => store.close());
  return { events: new HookEvents(store), store };
}

function event(id: string) {
  return { id, at: 1, node, site: 'www', event: 'published' as const, changes: [], total: 0 };
}

function put(path: string, seq: number, at: number): Change {
  return { op: 'put', path, seq, at, size: 1, mtime: at, sha256: '0'.repeat(64) } as Change;
}

function published(path: string, seq: number): TransferRow {
  return {
    id: seq,
    seq,
    op: 'put',
    path,
    state: 'published',
    publishedAt: Date.now() + 1000,
  } as unknown as TransferRow;
}

/** What has ended, and was not waited for by whoever has inherited it, counts as ended. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** A command that runs a script in the folder, the same on every system; `input()` is what it is told. */
async function writeProgram(folder: string, script: string): Promise<string[]> {
  const file = join(folder, 'program.mjs');
  const head = [
    `import { spawn } from 'node:child_process';`,
    `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';`,
    `process.chdir(import.meta.dirname);`,
    `const input = () => readFileSync(0, 'utf8').trim();`,
  ];
  await writeFile(file, [...head, script, ''].join('\n'));
  return [process.execPath, file];
}

async function server(answer: () => number, location?: string) {
  const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  const listening = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push({ headers: request.headers, body });
      response.writeHead(answer(), location === undefined ? {} : { location }).end();
    });
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(async () => {
    listening.closeAllConnections();
    listening.close();
    await once(listening, 'close');
  });
  const { port } = listening.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, heard };
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  let value: T | undefined;
  await expect.poll(async () => (value = await work().catch(() => undefined))).toBeTruthy();
  return value as T;
}
