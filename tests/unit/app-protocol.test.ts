import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const electron = vi.hoisted(() => ({ handle: undefined as ((request: Request) => Promise<Response>) | undefined }));
vi.mock('electron', () => ({
  protocol: { handle: (_scheme: string, handler: typeof electron.handle) => void (electron.handle = handler) },
}));
const { serveApp } = await import('../../electron/main/app-protocol.ts');

test('the app’s own address leads to the built interface and nowhere else, and every answer says what a page may do', async () => {
  const folder = await temporaryFolder();
  const renderer = join(folder, 'renderer');
  await mkdir(join(renderer, 'assets'), { recursive: true });
  await mkdir(join(folder, 'renderer-not'));
  await writeFile(join(renderer, 'index.html'), 'index');
  await writeFile(join(renderer, 'assets', 'a.js'), 'script');
  for (const file of ['secret.html', 'renderer-not/secret.html', 'renderer/key.pem'])
    await writeFile(join(folder, file), 'secret');
  serveApp(renderer);
  const ask = async (url: string, method = 'GET') => {
    // As it comes from a page, before anybody has resolved it.
    const answer = await electron.handle?.({ method, url } as Request);
    expect(answer?.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(answer?.headers.get('x-content-type-options')).toBe('nosniff');
    return answer?.status === 200 ? answer.text() : answer?.status;
  };
  expect(await ask('app://lockstep/')).toBe('index');
  expect(await ask('app://lockstep/assets/a.js')).toBe('script');
  expect(await ask('app://lockstep/assets/%2e%2e/index.html')).toBe('index');
  for (const url of [
    'app://lockstep/../secret.html',
    'app://lockstep/..%2fsecret.html',
    'app://lockstep/%2e%2e%2fsecret.html',
    'app://lockstep/..%2frenderer-not%2fsecret.html',
    'app://lockstep/assets/..%2f..%2fsecret.html',
    'app://lockstep/..%5csecret.html',
    'app://lockstep/secret.html%00.html',
    `app://lockstep/${join(folder, 'secret.html')}`,
    `app://lockstep/${encodeURIComponent(join(folder, 'secret.html'))}`,
    'app://lockstep/key.pem',
    'app://lockstep/%',
    'app://lockstep/assets',
    'app://lockstep:1/index.html',
    'app://other/index.html',
    'app://lockstep.evil/index.html',
    'file:///etc/hostname',
  ])
    expect([url, await ask(url)]).toEqual([url, 404]);
  expect(await ask('app://lockstep/index.html', 'POST')).toBe(404);
});
