import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Arch, build, Platform } from 'electron-builder';
// Not of its public face: whether the tools of a target can be had is asked before the target is built.
import { getPath7za } from 'app-builder-lib/out/toolsets/7zip.js';
import { getAppImageTools, getFpmPath } from 'app-builder-lib/out/toolsets/linux.js';
import { ensureBuilt } from '../built.ts';
import { root } from '../run.ts';
import { APPIMAGE_TOOLS, builderConfiguration, type System } from './builder.ts';
import { fetchElectron, makeStandIn } from './electron-dist.ts';
import { feedFault } from './feed.ts';
import { fuseFaults } from './fuse-wire.ts';
import { notarisationFault, signsForMac } from './notarisation.ts';
import { emptyOutput } from './output-folder.ts';
import { packedApps } from './packed.ts';
import { filesBelow, megabytes } from './tree.ts';

/**
 * `npm run package:linux|win|mac [-- --release] [-- --out DIR]`: installers into dist/. Where the Electron binary or a tool
 * cannot be had, what can be made without it is made, and it is said. With `--release` everything is demanded.
 */
const SYSTEMS = {
  linux: { platform: 'linux', arches: ['x64'], targets: ['dir', 'tar.gz', 'AppImage', 'deb', 'rpm'] },
  win: { platform: 'win32', arches: ['x64', 'arm64'], targets: ['nsis', 'zip'] },
  mac: { platform: 'darwin', arches: ['universal'], targets: ['dmg', 'zip'] },
} as const satisfies Record<System, unknown>;

/** Something that cannot be had here, in words. */
class Missing extends Error {}

const [system, ...flags] = process.argv.slice(2);
const release = flags.includes('--release');
const named = flags.includes('--out') ? flags[flags.indexOf('--out') + 1] : 'dist';
const output = resolve(root, named ?? '');
const feed = process.env['LOCKSTEP_FEED'];
/** With a certificate that is known to Apple. */
const signedForMac = system === 'mac' && (release || feed !== undefined || signsForMac(process.env));

try {
  if (system !== 'linux' && system !== 'win' && system !== 'mac') throw new Missing('package: linux, win or mac');
  if (named === undefined || named === '') throw new Missing('package: --out wants a folder');
  const wrongFeed = feedFault(feed);
  if (wrongFeed !== undefined) throw new Missing(`package: ${wrongFeed}`);
  const unnotarised = signedForMac ? notarisationFault(process.env) : undefined;
  if (unnotarised !== undefined) throw new Missing(`package: ${unnotarised}`);
  if (!(await ensureBuilt())) throw new Missing('package: the build failed');
  if (release) checkManifest();
  await pack(system);
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function pack(name: System): Promise<void> {
  const { targets, left, withTar } = await possibleTargets(name);
  const electron = await electronFor(name);
  const refused = emptyOutput(output);
  if (refused !== undefined) throw new Missing(`package: ${refused}`);
  await build({
    targets: targetMap(name, targets),
    publish: 'never',
    projectDir: root,
    config: builderConfiguration({
      system: name,
      output,
      release,
      ...(electron.standIn !== undefined && { electronDist: electron.standIn }),
      feed,
    }),
  });
  await checkFuses(name);
  if (signedForMac) checkNotarisation();
  if (withTar) makeArchive();
  for (const { path, size } of filesBelow(output).filter(({ path: each }) => isPackage(each)))
    console.log(`${basename(path).padEnd(48)} ${megabytes(size).padStart(10)}`);
  const app = join(output, 'linux-unpacked', 'resources', 'app.asar');
  if (existsSync(app)) console.log(`${'  of which app.asar'.padEnd(48)} ${megabytes(statSync(app).size).padStart(10)}`);
  for (const line of left) console.log(`left out: ${line}`);
  if (electron.standIn !== undefined)
    console.log('packed with a STAND-IN for the Electron binary, which could not be had: not for people to install');
}

interface Possible {
  readonly targets: readonly string[];
  /** What cannot be made, and why. */
  readonly left: readonly string[];
  /** The archive for Linux is made from the unpacked folder. */
  readonly withTar: boolean;
}

/** What can be made here. */
async function possibleTargets(name: System): Promise<Possible> {
  const left: string[] = [];
  const leave = (target: string, why: string): false => {
    if (release) throw new Missing(`package: ${target}: ${why}`);
    left.push(`${target}: ${why}`);
    return false;
  };
  if (name !== 'linux') return { targets: [...SYSTEMS[name].targets], left, withTar: false };
  const { targets } = SYSTEMS.linux;
  const [appImage, fpm, sevenZip] = await Promise.all(
    [getAppImageTools(APPIMAGE_TOOLS, Arch.x64), getFpmPath(), getPath7za()].map((tool) =>
      tool.then(
        () => true,
        () => false,
      ),
    ),
  );
  if (!appImage) leave('AppImage', 'its tools could not be fetched');
  if (release && !(fpm && sevenZip)) throw new Missing('package: fpm or 7za could not be fetched');
  // Their place is taken by what the system has.
  if (!fpm) process.env['CUSTOM_FPM_PATH'] = join(import.meta.dirname, 'fpm.ts');
  const deb = fpm || has('dpkg-deb') || leave('deb', 'neither fpm nor dpkg-deb is here');
  const rpm = has('rpmbuild') || leave('rpm', 'rpmbuild is not here (apt-get install rpm)');
  const possible = { dir: true, 'tar.gz': sevenZip, AppImage: appImage, deb, rpm };
  if (!fpm) console.log('fpm could not be fetched: deb and rpm are made by dpkg-deb and rpmbuild themselves');
  if (!sevenZip) console.log('7za could not be fetched: the tar.gz is made by tar itself');
  return { targets: targets.filter((target) => possible[target]), left, withTar: !sevenZip };
}

/** The real binary, or else a stand-in: for Linux, and not for a release. */
async function electronFor(name: System): Promise<{ standIn?: string }> {
  const { platform, arches } = SYSTEMS[name];
  try {
    const real = arches.flatMap((arch) => (arch === 'universal' ? ['x64', 'arm64'] : [arch]));
    for (const arch of real) await fetchElectron(platform, arch);
    return {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (release || name !== 'linux') throw new Missing(`package: the Electron binary could not be had (${reason})`);
    return { standIn: makeStandIn() };
  }
}

function targetMap(name: System, targets: readonly string[]): ReturnType<Platform['createTarget']> {
  const platform = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC }[name];
  const arches = SYSTEMS[name].arches.map((arch) => Arch[arch]);
  return platform.createTarget([...targets], ...arches);
}

/** Reads back what was set, in every executable that was packed. */
async function checkFuses(name: System): Promise<void> {
  for (const each of packedApps[name]) {
    const faults = await fuseFaults(join(output, each));
    if (faults.length > 0) throw new Missing(`package: fuses of ${each}: ${faults.join('; ')}`);
    console.log(`fuses of ${each} are as they should be`);
  }
}

/** Reads Apple's ticket back, which is stapled to the app: a Mac without network finds it there. */
function checkNotarisation(): void {
  for (const app of packedApps.mac.map((each) => join(output, each))) {
    try {
      execFileSync('xcrun', ['stapler', 'validate', app], { stdio: 'ignore' });
    } catch {
      throw new Missing(`package: no ticket of Apple's is stapled to ${app}`);
    }
    console.log(`${basename(app)} is notarised`);
  }
}

function makeArchive(): void {
  const { version } = readManifest();
  const name = `lockstep-desktop-${version}-linux-x64`;
  const rename = `--transform=s,^linux-unpacked,${name},`;
  execFileSync('tar', [
    '-czf',
    join(output, `${name}.tar.gz`),
    '--owner=0',
    '--group=0',
    rename,
    '-C',
    output,
    'linux-unpacked',
  ]);
}

function isPackage(path: string): boolean {
  return join(path, '..') === output && !/\.(?:ya?ml|blockmap)$/.test(path);
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What stands in package.json before somebody has said where the project lives. */
function checkManifest(): void {
  const { homepage } = readManifest();
  if (new URL(homepage).hostname.endsWith('.example'))
    throw new Missing('package: a release needs the homepage of the project in package.json');
}

function readManifest(): { version: string; homepage: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; homepage: string };
}
