import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { extractAll, listPackage } from '@electron/asar';
import { Arch, build, Platform } from 'electron-builder';
import { builderConfiguration } from '../../build/package/builder.ts';
import { makeStandIn } from '../../build/package/electron-dist.ts';
import { fuseFaults } from '../../build/package/fuse-wire.ts';
import { waitForPageText } from '../../build/package/page-text.ts';
import { findChromium } from '../../build/chromium.mjs';
import { electronExecutable } from '../support/electron-executable.ts';
import { expect, launch, test } from '../support/desktop-app.ts';
import { freePort } from '../support/free-port.ts';

test.skip(
  process.platform !== 'linux',
  'the unpacked folder is looked at on Linux; the release workflow packs the others',
);

test('what is packed holds the bundles and nothing else, its fuses are set, and it runs from elsewhere', async ({
  home,
}) => {
  const { kind, path } = electronExecutable();
  const output = join(home, 'dist');
  await build({
    targets: Platform.LINUX.createTarget('dir', Arch.x64),
    publish: 'never',
    config: builderConfiguration({ system: 'linux', output, electronDist: kind === 'real' ? path : makeStandIn() }),
  });
  const packed = join(output, 'linux-unpacked');
  expect(await fuseFaults(join(packed, 'lockstep-desktop'))).toEqual([]);

  const archive = join(packed, 'resources', 'app.asar');
  const files = listPackage(archive, { isPack: false }).map((file) => file.replaceAll('\\', '/'));
  expect(files).toEqual(
    expect.arrayContaining([
      '/package.json',
      '/out/main/main.js',
      '/out/main/engine-process.js',
      '/out/preload/preload.cjs',
      '/out/renderer/index.html',
    ]),
  );
  const parts = files.filter(
    (file) => !/^\/(?:package\.json|out(?:\/(?:main|preload|renderer)(?:\/.*)?)?)$/.test(file),
  );
  expect(parts).toEqual([]);
  expect(files.filter((file) => file.endsWith('.map') || file.includes('node_modules'))).toEqual([]);

  const elsewhere = join(home, 'app');
  extractAll(archive, elsewhere);
  const app = await launch(home, { folder: elsewhere });
  const window = await app.firstWindow();
  await expect(window.getByRole('heading', { name: 'What should this machine be?' })).toBeVisible();
  await app.close();
});

test('what tries a packed app waits until its page shows what it should, and no longer than it may', async () => {
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: findChromium() ?? '',
    args: ['--no-sandbox', `--remote-debugging-port=${port}`],
  });
  const page = await browser.newPage();
  await page.setContent('<p>starting</p>');
  expect(await waitForPageText(port, 'What should this', AbortSignal.timeout(1500))).toBeUndefined();
  const shown = waitForPageText(port, 'What should this', AbortSignal.timeout(60_000));
  await page.setContent('<h1>What should this machine be?</h1>');
  expect(await shown).toContain('What should this machine be?');
  await browser.close();
  expect(await waitForPageText(port, 'What should this', AbortSignal.timeout(1500))).toBeUndefined();
});
