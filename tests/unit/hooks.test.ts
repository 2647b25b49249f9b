import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hook } from '../../shared/contract/hooks.ts';
import { HOOK_BYTES_MAX, HOOK_EVENTS_MAX } from '../../electron/engine/hooks/hook-queue.ts';
import { hookServer, node, PublishingSite, queueOf, startHooks } from '../support/hooks.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a command', () => {
  test('reads the event from its standard input, and no shell reads its arguments', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(folder, `writeFileSync('told', process.argv[2] + '|' + input())`);
    const own = hook.parse({ on: 'published', command: [...program, '$(touch bad) `x`'] });
    const { hooks, store } = await startHooks(folder, [own]);
    hooks.fared('www', new PublishingSite(store, 'www').publish('a.txt'));
    const told = await eventually(() => readFile(join(folder, 'told'), 'utf8'));
    const [argument, event = ''] = told.split('|');
    expect(argument).toBe('$(touch bad) `x`');
    expect(JSON.parse(event)).toMatchObject({
      event: 'published',
      site: 'www',
      node,
      changes: [{ op: 'put', path: 'a.txt', seq: 1 }],
      total: 1,
    });
  });

  test('that fails or is missing is tried again, then given up, and the next event is told', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(
      folder,
      `appendFileSync('told', input() + '\\n'); console.error('no luck'); process.exit(3)`,
    );
    const { queue, tell } = await queueOf(folder, { on: 'published', command: program }, [10, 10]);
    tell('1');
    tell('2');
    await expect.poll(() => queue.status.lost).toBe(2);
    const lines = (await readFile(join(folder, 'told'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['1', '1', '1', '2', '2', '2']);
    expect(queue.status).toMatchObject({
      queued: 0,
      failing: { error: { code: 'hook.command', params: { reason: 'it ended with 3: no luck' } } },
    });
    const { queue: missing, tell: tellMissing } = await queueOf(
      folder,
      { on: 'published', command: [join(folder, 'missing')] },
      [],
    );
    tellMissing('1');
    await expect.poll(() => missing.status.failing?.error.params['reason']).toBe('ENOENT');
  });

  test.each([
    ['ENAMETOOLONG', ['x'.repeat(4096)]],
    ['ENOTDIR', [join(process.execPath, 'x')]],
    ['it cannot be started', ['a\0b']],
  ])('that cannot be started at all is given up as any other: %s', async (reason, command) => {
    const { queue, tell } = await queueOf(await temporaryFolder(), { on: 'published', command }, []);
    tell('1');
    await expect.poll(() => queue.status).toMatchObject({ queued: 0, lost: 1 });
    expect(queue.status.failing?.error).toMatchObject({ code: 'hook.command', params: { reason } });
  });

  test.skipIf(process.platform === 'win32')('for which no descriptor is free fails as any other', async () => {
    const script = join(await temporaryFolder(), 'starved.mjs');
    const source = new URL('../../electron/engine/hooks/run-command.ts', import.meta.url).href;
    await writeFile(
      script,
      `import { openSync } from 'node:fs';
       import { runCommand } from ${JSON.stringify(source)};
       const run = () => runCommand(['true'], 'x', new AbortController().signal);
       await run();
       try { for (;;) openSync('/dev/null'); } catch {}
       await run().catch((error) => process.stdout.write(error.code + ' ' + error.params?.reason));`,
    );
    const starved = spawnSync('sh', ['-c', 'ulimit -n 256 && exec "$0" "$1"', process.execPath, script], {
      encoding: 'utf8',
    });
    expect(starved.stdout).toBe('hook.command EMFILE');
  });

  test('that hangs is killed', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(folder, 'setTimeout(() => undefined, 60_000)');
    const { queue, tell } = await queueOf(folder, { on: 'published', command: program, timeoutSeconds: 1 }, []);
    tell('1');
    await expect.poll(() => queue.status.failing?.error.params['reason']).toBe('it took too long');
  });

  test.skipIf(process.platform === 'win32')('that hangs is killed with what it has started', async () => {
    const folder = await temporaryFolder();
    const program = await writeProgram(
      folder,
      `const child = spawn('sleep', ['60']); writeFileSync('child', String(child.pid)); setTimeout(() => undefined, 60_000)`,
    );
    const { queue, tell } = await queueOf(folder, { on: 'published', command: program, timeoutSeconds: 5 }, []);
    tell('1');
    await expect.poll(() => queue.status.failing?.error.params['reason']).toBe('it took too long');
    const child = Number(await readFile(join(folder, 'child'), 'utf8'));
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  test('that leaves something running in the background is over when it ends itself', async () => {
    const folder = await temporaryFolder();
    const left = `spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 20_000)'], { stdio: 'inherit' })`;
    const program = await writeProgram(folder, `${left}; console.error('as it should'); process.exit(4)`);
    const { queue, tell } = await queueOf(folder, { on: 'published', command: program }, []);
    tell('1');
    const reason = (): unknown => queue.status.failing?.error.params['reason'];
    await expect.poll(reason).toBe('it ended with 4: as it should');
  });
});

describe('a webhook', () => {
  test('is signed, tried again where the server is troubled, and not where it refuses', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'secret'), 'a secret\n');
    const answers = [503, 429, 204, 403];
    const { url, heard } = await hookServer(() => answers.shift() ?? 200);
    const { queue, tell } = await queueOf(
      folder,
      { on: 'published', url: `${url}?token=hidden`, secretFile: 'secret' },
      [10, 10, 10],
    );
    tell('1');
    await expect.poll(() => heard.length).toBe(3);
    await expect.poll(() => queue.status).toMatchObject({ queued: 0, lost: 0 });
    expect(queue.status.failing).toBeUndefined();
    tell('2');
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
    const { queue, tell } = await queueOf(
      await temporaryFolder(),
      { on: 'published', url: 'http://127.0.0.1:1/x?key=hidden' },
      [],
    );
    tell('1');
    await expect.poll(() => queue.status.failing?.error.code).toBe('hook.unreachable');
    expect(JSON.stringify(queue.status)).not.toContain('hidden');
  });

  test('does not follow to another address', async () => {
    const other = await hookServer(() => 200);
    const first = await hookServer(() => 307, other.url);
    const { queue, tell } = await queueOf(await temporaryFolder(), { on: 'published', url: first.url }, []);
    tell('1');
    await expect.poll(() => queue.status.failing?.error.code).toBe('hook.refused');
    expect(other.heard).toEqual([]);
  });
});

describe('of more than is kept the oldest are given up', () => {
  test('by their number', async () => {
    const { url } = await hookServer(() => 503);
    const { queue, events, tell } = await queueOf(await temporaryFolder(), { on: 'published', url }, [60_000]);
    const ids = Array.from({ length: HOOK_EVENTS_MAX + 2 }, (_, at) => String(at));
    tell(ids);
    expect(queue.status).toMatchObject({ queued: HOOK_EVENTS_MAX, lost: 2 });
    // The first is under way.
    expect(events.of(queue.key).map(({ id }) => id)).toEqual(['0', ...ids.slice(3)]);
  });

  test('by their bytes', async () => {
    const { url } = await hookServer(() => 503);
    const { queue, events, tell } = await queueOf(await temporaryFolder(), { on: 'published', url }, [60_000]);
    const padding = 'x'.repeat(HOOK_BYTES_MAX / 4);
    tell(['0', '1', '2', '3', '4', '5'], padding);
    expect(queue.status).toMatchObject({ queued: 3, lost: 3 });
    expect(events.of(queue.key).map(({ id }) => id)).toEqual(['0', '4', '5']);
  });
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
  const { queue, tell } = await queueOf(
    folder,
    { on: 'published', command: await writeProgram(folder, 'setTimeout(() => undefined, 60_000)') },
    [60_000],
  );
  tell('1');
  const started = performance.now();
  await queue.stop();
  await queue.stop();
  expect(performance.now() - started).toBeLessThan(20_000);
});

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

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  let value: T | undefined;
  await expect.poll(async () => (value = await work().catch(() => undefined))).toBeTruthy();
  return value as T;
}
