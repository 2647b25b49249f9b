import { join } from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { Arch, build, Platform } from 'electron-builder';
import { builderConfiguration } from '../../build/package/builder.ts';
import { makeStandIn } from '../../build/package/electron-dist.ts';
import { fuseFaults } from '../../build/package/fuse-wire.ts';
import { electronExecutable } from '../support/electron-executable.ts';
import { expect, launch, test } from '../support/desktop-app.ts';

test.skip(
  process.platform !== 'linux',
  'the unpacked folder is looked at on Linux; the release workflow packs the others',
);

test('what is packed holds the bundles and nothing else, its fuses are set, and it runs from elsewhere', async ({
  home,
}) => {
  test.setTimeout(120_000);
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
  await expect(window.getByRole('heading', { name: 'What is this machine to be?' })).toBeVisible();
  await app.close();
});
