import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, launch, test } from '../support/desktop-app.ts';
import { goToOverview, startAsMaster } from '../support/first-start-page.ts';

test('the page has one frozen object and nothing of Node or Electron', async ({ window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const found = await window.evaluate(() => ({
    keys: Object.keys(Reflect.get(window, 'lockstep') as object).sort(),
    frozen: Object.isFrozen(Reflect.get(window, 'lockstep')),
    globals: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter((name) => name in window),
  }));
  expect(found).toEqual({ keys: ['call', 'pathForFile', 'subscribe'], frozen: true, globals: [] });
});

test('the window shows the app’s own page', async ({ app, window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const address = await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());
  expect(address).toBe('app://lockstep/');
});

test('every answer of the app carries the policy, also a refusal', async ({ window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const policies = await window.evaluate(async () => {
    const script = document.querySelector('script')?.src ?? '';
    const answers = await Promise.all(['/', script, '/nothing.js', '/index.html%00'].map((path) => fetch(path)));
    return answers.map(({ headers }) => ({
      policy: headers.get('content-security-policy')?.includes("default-src 'none'"),
      sniffing: headers.get('x-content-type-options'),
    }));
  });
  expect(policies).toEqual(Array(4).fill({ policy: true, sniffing: 'nosniff' }));
});

test('nothing from elsewhere runs or is fetched', async ({ window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const refused = await window.evaluate(async () => {
    const violations: string[] = [];
    // That of the frame comes from another process, when it comes.
    const expected = new Set(['connect-src', 'frame-src', 'img-src']);
    const told = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        violations.push(effectiveDirective);
        expected.delete(effectiveDirective);
        if (expected.size === 0) resolve();
      });
    });
    const image = document.createElement('img');
    image.src = 'https://example.org/pixel.png';
    const frame = document.createElement('iframe');
    frame.src = 'https://example.org/';
    document.body.append(image, frame);
    await fetch('https://example.org/').catch(() => undefined);
    // Trusted Types: a script's address, or markup, from a plain string.
    const script = document.createElement('script');
    for (const set of [
      () => Object.assign(script, { src: 'https://example.org/script.js' }),
      () => Object.assign(image, { innerHTML: '<b>' }),
    ]) {
      try {
        set();
        violations.push('was let through');
      } catch {
        violations.push('trusted types');
      }
    }
    await told;
    return violations.sort();
  });
  expect(refused).not.toContain('was let through');
  expect(refused).toEqual(expect.arrayContaining(['connect-src', 'frame-src', 'img-src', 'trusted types']));
});

test('the page can neither leave the app nor open a window', async ({ app, window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const before = window.url();
  await window.evaluate(() => {
    location.href = 'https://example.org/';
  });
  await window.evaluate(() => void open('https://example.org/'));
  await expect.poll(() => app.windows().length).toBe(1);
  expect(window.url()).toBe(before);
  await expect(window.getByRole('heading')).toBeVisible();
});

test('no file outside of the interface is served', async ({ window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const found = await window.evaluate(async () => {
    const paths = [
      '/../main/main.js',
      '/%2e%2e/main/main.js',
      '/..%2fmain%2fmain.js',
      '/assets/..%5c..%5cmain.js',
      '/%00',
    ];
    const answers = await Promise.all(paths.map((path) => fetch(path).catch(() => undefined)));
    return answers.map((answer) => answer?.status ?? 0);
  });
  expect(found.filter((status) => status === 200)).toEqual([]);
});

test('the interface refuses calls that it does not know or that are malformed', async ({ window }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  const answers = await window.evaluate(async () => {
    const api = Reflect.get(window, 'lockstep') as { call(name: string, params: unknown): Promise<unknown> };
    return [
      await api.call('nothing.known', {}),
      await api.call('shell.nothing', {}),
      await api.call('shell.choose-folder', { title: 1 }),
      await api.call('node.status', {}),
    ];
  });
  const refusal = (code: string): object => ({ ok: false, error: expect.objectContaining({ code }) as object });
  expect(answers).toEqual([
    refusal('call.unknown'),
    refusal('call.unknown'),
    refusal('call.invalid'),
    refusal('node.not-running'),
  ]);
});

test('a second start shows the first window instead', async ({ app, window, home }) => {
  await expect(window.getByRole('heading')).toBeVisible();
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
  await launch(home).catch(() => undefined);
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((each) => each.isMinimized())))
    .toEqual([false]);
});

test('a page whose process has ended is loaded again', async ({ app, window }) => {
  await expect(window.getByRole('heading', { name: 'What should this machine be?' })).toBeVisible();
  await window.evaluate(() => document.body.replaceChildren());
  await app.evaluate(({ BrowserWindow }) => {
    const [open] = BrowserWindow.getAllWindows();
    open?.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
  });
  await expect(window.getByRole('heading', { name: 'What should this machine be?' })).toBeVisible();
});

test('an engine that dies is started again', async ({ app, window }) => {
  await expect(window.getByRole('heading', { name: 'What should this machine be?' })).toBeVisible();
  const engines = (): Promise<number[]> =>
    app.evaluate(({ app: electronApp }) =>
      electronApp.getAppMetrics().flatMap(({ name, pid }) => (name === 'Lockstep engine' ? [pid] : [])),
    );
  const [engine] = await engines();
  if (engine === undefined) throw new Error('there is no engine process');
  process.kill(engine, 'SIGKILL');
  await expect.poll(async () => (await engines()).filter((pid) => pid !== engine)).toHaveLength(1);
  await expect(window.getByRole('heading', { name: 'What should this machine be?' })).toBeVisible();
});

test('while the engine is away the window says so, and is live again when it has told its state', async ({
  app,
  window,
  home,
}) => {
  const site = join(home, 'site');
  mkdirSync(site);
  await startAsMaster(window, { root: site, name: 'origin' });
  await goToOverview(window);
  const lost = window.getByText('What you see is what was known then.');
  await expect(lost).toHaveCount(0);
  const [engine] = await app.evaluate(({ app: electronApp }) =>
    electronApp.getAppMetrics().flatMap(({ name, pid }) => (name === 'Lockstep engine' ? [pid] : [])),
  );
  if (engine === undefined) throw new Error('there is no engine process');
  // It may stand there for less than a moment between two looks.
  const said = await window.evaluateHandle((text) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    new MutationObserver(() => {
      if (document.body.innerText.includes(text)) resolve();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return { promise };
  }, 'What you see is what was known then.');
  process.kill(engine, 'SIGKILL');
  await said.evaluate(({ promise }) => promise);
  await expect(lost).toHaveCount(0);
  // Of the new engine: the process that it names is another.
  await window.getByRole('link', { name: 'Settings' }).click();
  await expect(window.getByText(String(engine), { exact: true })).toHaveCount(0);
});
