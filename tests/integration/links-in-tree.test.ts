import { lstatSync, renameSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { SourceFile } from '../../electron/engine/tree/source-file.ts';
import { doStep, type Step } from '../../electron/engine/tree/steps.ts';
import { doTogether } from '../../electron/engine/tree/together.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Symbolic links in a site's folder that somebody has put there without FTP: nothing is made, changed or lost where they lead to. */

const BY = { account: 'tester' };
const OUTSIDE = { 'deep/file': 'not of the site', file: 'not of the site' };

/** A folder beside that of a site, and what it has to hold for ever. */
async function makeOutside(folder: string) {
  const outside = join(folder, 'outside');
  await mkdir(join(outside, 'deep'), { recursive: true });
  for (const [name, text] of Object.entries(OUTSIDE)) await writeFile(join(outside, name), text);
  const look = async () => {
    const names = (await readdir(outside, { recursive: true })).sort();
    const infos = names.map((name) => [name, lstatSync(join(outside, name)).mtimeMs]);
    const texts = await Promise.all(Object.keys(OUTSIDE).map((name) => readFile(join(outside, name), 'utf8')));
    return { infos, texts, links: (await stat(join(outside, 'file'))).nlink };
  };
  const before = await look();
  return { outside, requireUntouched: async () => expect(await look()).toEqual(before) };
}

async function aPair() {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await aMirror('tokyo', {}, folder);
  return { master, mirror, ...(await makeOutside(folder)) };
}

/** A site's folder with a link `lk` in it, a real folder, and something staged. */
async function aRoot() {
  const folder = await temporaryFolder();
  const { outside, requireUntouched } = await makeOutside(folder);
  const at = join(folder, 'site');
  await mkdir(join(at, 'real'), { recursive: true });
  const root = await SiteRoot.open(at, true);
  await symlink(outside, join(at, 'lk'));
  await writeFile(join(root.incoming, 'staged'), 'new');
  return { root, at, outside, requireUntouched };
}

const place = (path: string): Step => ({ do: 'place', from: 'incoming', staged: 'staged', path: path as SitePath });
const makeDir = (path: string): Step => ({ do: 'makeDir', path: path as SitePath });

test('a release that makes a folder where a mirror has a link writes nothing where that leads to', async () => {
  const { master, mirror, outside, requireUntouched } = await aPair();
  await symlink(outside, join(mirror.rootFolder, 'lk'));
  mirror.connect(master);
  const open = master.site.beginRelease('spring', BY);
  await open.makeDir('lk' as SitePath, BY);
  for (const path of ['lk/file', 'lk/new']) {
    const upload = await open.beginUpload(path as SitePath, { by: BY });
    await upload.write(Buffer.from('of the publisher'));
    await upload.commit();
  }
  await open.commit();
  await expect.poll(() => mirror.site.standing(9).map(({ error }) => error.code)).toContain('path.link');
  await requireUntouched();
});

test('what belongs together, and folders below a folder, are not made where a link of a mirror leads to', async () => {
  const { master, mirror, outside, requireUntouched } = await aPair();
  for (const name of ['group', 'lk']) await symlink(outside, join(mirror.rootFolder, name));
  await master.rules({ groups: [{ name: 'g', members: ['group', 'group/file', 'group/new'], rule: 'all' }] });
  mirror.connect(master);
  for (const path of ['group', 'lk', 'lk/made', 'lk/made/deep']) await master.mkdir(path);
  for (const path of ['group/file', 'group/new', 'lk/made/deep/x']) await master.put(path, 'of the publisher');
  const refused = () =>
    mirror.site.standing(20).flatMap(({ path, error }) => (error.code === 'path.link' ? [path] : []));
  await expect.poll(refused).toEqual(expect.arrayContaining(['group', 'lk', 'lk/made', 'lk/made/deep']));
  await requireUntouched();
});

test.each<{ what: string; steps: Step[] }>([
  { what: 'a folder in place of the link', steps: [makeDir('lk')] },
  { what: 'a file below the link, and a folder made in its place', steps: [makeDir('lk'), place('lk/file')] },
  { what: 'a folder below the link', steps: [makeDir('lk/new')] },
  { what: 'folders below the link', steps: [makeDir('lk/new/deeper')] },
  { what: 'a file in new folders below the link', steps: [place('lk/new/deeper/x')] },
  { what: 'a file below what is in the link', steps: [place('lk/deep/file')] },
  { what: 'the time of the link', steps: [{ do: 'touch', path: 'lk' as SitePath, mtime: 1000 }] },
  { what: 'the time of a file below the link', steps: [{ do: 'touch', path: 'lk/file' as SitePath, mtime: 1000 }] },
  {
    what: 'another name for the link',
    steps: [{ do: 'move', from: 'lk' as SitePath, path: 'moved' as SitePath, identity: '' }, place('moved/file')],
  },
  {
    what: 'another name below the link',
    steps: [{ do: 'move', from: 'real' as SitePath, path: 'lk/real' as SitePath, identity: '' }],
  },
  { what: 'nothing where a file was', steps: [{ do: 'remove', path: 'lk/file' as SitePath, identity: '' }] },
  { what: 'nothing where a folder was', steps: [{ do: 'removeDir', path: 'lk/deep' as SitePath, identity: '' }] },
])('steps are refused that would leave the site by a link: $what', async ({ steps }) => {
  const { root, at, requireUntouched } = await aRoot();
  const oneByOne = async (): Promise<void> => {
    for (const step of steps) await doStep(root, step, 'first');
  };
  await expect(oneByOne()).rejects.toMatchObject({ code: 'path.link' });
  await requireUntouched();
  await expect(doTogether(root, steps, () => undefined)).rejects.toMatchObject({ code: 'path.link' });
  await requireUntouched();
  expect(lstatSync(join(at, 'lk')).isSymbolicLink()).toBe(true);
  expect(await readdir(root.incoming)).toEqual(['staged']);
});

test('a link that comes while many steps are prepared is not gone through', async () => {
  const { root, at, outside, requireUntouched } = await aRoot();
  const exchange: Step = {
    do: 'keep',
    path: 'real/other' as SitePath,
    sha256: 'a'.repeat(64),
    // Read when the step is prepared: after the first folder was looked up, before anything is done.
    get identity() {
      renameSync(join(at, 'real'), join(at, 'away'));
      renameSync(join(at, 'lk'), join(at, 'real'));
      return 'none';
    },
  };
  await writeFile(join(at, 'real', 'other'), 'other');
  await expect(doTogether(root, [place('real/file'), exchange], () => undefined)).rejects.toMatchObject({
    code: 'path.link',
  });
  await requireUntouched();
  expect(await readdir(outside)).toEqual(['deep', 'file']);
});

test('a link that gives way to a folder in the same go does', async () => {
  const { root, at, requireUntouched } = await aRoot();
  const remove: Step = { do: 'remove', path: 'lk' as SitePath, identity: '' };
  await doTogether(root, [remove, makeDir('lk'), makeDir('lk/deep'), place('lk/file')], () => undefined);
  expect(await readFile(join(at, 'lk', 'file'), 'utf8')).toBe('new');
  await requireUntouched();
});

test.each(['by what the system says of it', 'by its name', 'by its name, where the folder is back by then'])(
  'a file outside that a link led to when it was opened is not read: known %s',
  async (how) => {
    const { root, at } = await aRoot();
    await writeFile(join(at, 'real', 'file'), 'of the site');
    const own = root.open('real/file' as SitePath);
    expect(own.info.size).toBe('of the site'.length);
    own.close();
    const exchange = (): void => {
      for (const [from, to] of [
        ['real', 'away'],
        ['lk', 'real'],
        ['away', 'lk'],
      ] as const)
        renameSync(join(at, from), join(at, to));
    };
    const place = vi.spyOn(SourceFile.prototype, 'place', 'get');
    onTestFinished(() => place.mockRestore());
    if (how !== 'by what the system says of it')
      place.mockImplementation(() => {
        if (how !== 'by its name') exchange();
        return undefined;
      });
    const locate = root.locate.bind(root);
    root.locate = (path) => {
      const absolute = locate(path);
      exchange();
      return absolute;
    };
    expect(() => root.open('real/file' as SitePath)).toThrow(expect.objectContaining({ code: 'file.changed' }));
  },
);

test.each(['incoming', 'staging', 'versions'])('a site whose own folder %s is a link is not opened', async (name) => {
  const folder = await temporaryFolder();
  const { outside, requireUntouched } = await makeOutside(folder);
  const at = join(folder, 'site');
  await mkdir(join(at, '.lockstep'), { recursive: true });
  await symlink(outside, join(at, '.lockstep', name));
  await expect(SiteRoot.open(at, false)).rejects.toMatchObject({ code: 'site.reserved-taken' });
  await requireUntouched();
});
