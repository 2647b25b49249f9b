import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { completionScript, SHELLS, type Shell } from '../../electron/entry/cli/completion.ts';
import { commands } from '../../electron/entry/cli/commands.ts';
import { manPage } from '../../electron/entry/cli/man-page.ts';
import { ensureBuilt } from '../built.ts';
import { out, root } from '../run.ts';
import { writeDeb } from './deb.ts';
import { megabytes } from './tree.ts';
import { maintainer, publisher } from './publisher.ts';

/**
 * `npm run pack:cli [-- DIR]`: the command line and the service for machines without a screen, as an npm tarball and, where
 * dpkg-deb is, as a Debian package. Nothing is fetched when they are installed: all packages are in the bundle.
 */
const DESCRIPTION = [
  'A file that is uploaded by FTP to the master appears at every mirror, whole',
  'and at once: nothing is scanned, and no lists are compared. This package is',
  'the command line and the service, for machines with a screen or without.',
];
const output = process.argv[2] ?? join(root, 'dist');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
const version = manifest['version'] ?? '';

if (!(await ensureBuilt())) process.exitCode = 1;
else {
  mkdirSync(output, { recursive: true });
  const stage = mkdtempSync(join(tmpdir(), 'lockstep-pack-'));
  try {
    const folder = join(stage, 'lockstep-cli');
    makePackage(folder);
    const made = [packTarball(folder)];
    if (hasDpkg()) made.push(packDeb(folder, join(stage, 'deb')));
    else console.log('left out: the Debian package (there is no dpkg-deb)');
    for (const file of made)
      console.log(`${basename(file).padEnd(40)} ${megabytes(readFileSync(file).length).padStart(8)}`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The folder that `npm pack` makes a tarball of. */
function makePackage(folder: string): void {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  // The console looks for the interface beside the folder of the bundle.
  cpSync(join(out, 'cli', 'lockstep.mjs'), join(folder, 'cli', 'lockstep.mjs'));
  chmodSync(join(folder, 'cli', 'lockstep.mjs'), 0o755);
  cpSync(join(out, 'renderer'), join(folder, 'renderer'), { recursive: true });
  for (const name of ['LICENSE', 'CHANGELOG.md']) cpSync(join(root, name), join(folder, name));
  for (const name of ['lockstep.service', 'lockstep.sysusers'])
    cpSync(join(root, 'build', 'systemd', name), join(folder, 'systemd', name));
  write('man/lockstep.1', manPage(commands, { version, date: new Date().toISOString().slice(0, 10) }));
  for (const shell of SHELLS) write(`completion/${completionFile(shell)}`, completionScript(shell, commands));
  write('README.md', readFileSync(join(import.meta.dirname, 'cli-readme.md'), 'utf8'));
  const { description = '', license = '', author = '', homepage = '' } = manifest;
  const own = {
    name: 'lockstep-cli',
    version,
    description,
    license,
    author,
    homepage,
    type: 'module',
    bin: { lockstep: 'cli/lockstep.mjs' },
    man: ['man/lockstep.1'],
    engines: { node: '>=24' },
    files: ['cli', 'renderer', 'man', 'completion', 'systemd', 'CHANGELOG.md'],
  };
  write('package.json', `${JSON.stringify(own, null, 2)}\n`);
}

function packTarball(folder: string): string {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', folder, folder];
  const answer = execFileSync(npm, args, { encoding: 'utf8', cwd: folder, shell: process.platform === 'win32' });
  const [packed] = JSON.parse(answer) as { filename: string }[];
  if (!packed) throw new Error('npm pack has made nothing');
  const file = join(output, packed.filename);
  cpSync(join(folder, packed.filename), file);
  rmSync(join(folder, packed.filename));
  return file;
}

function packDeb(folder: string, deb: string): string {
  const place = (to: string, from: string): void => {
    mkdirSync(dirname(join(deb, to)), { recursive: true });
    cpSync(join(folder, from), join(deb, to), { recursive: true });
  };
  place('usr/lib/lockstep/cli', 'cli');
  place('usr/lib/lockstep/renderer', 'renderer');
  mkdirSync(join(deb, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/lockstep/cli/lockstep.mjs', join(deb, 'usr/bin/lockstep'));
  place('usr/lib/systemd/system/lockstep.service', 'systemd/lockstep.service');
  place('usr/lib/sysusers.d/lockstep.conf', 'systemd/lockstep.sysusers');
  place('usr/share/bash-completion/completions/lockstep', `completion/${completionFile('bash')}`);
  place('usr/share/zsh/vendor-completions/_lockstep', `completion/${completionFile('zsh')}`);
  place('usr/share/fish/vendor_completions.d/lockstep.fish', `completion/${completionFile('fish')}`);
  place('usr/share/doc/lockstep/copyright', 'LICENSE');
  compress(join(deb, 'usr/share/man/man1/lockstep.1.gz'), join(folder, 'man/lockstep.1'));
  compress(join(deb, 'usr/share/doc/lockstep/changelog.gz'), join(folder, 'CHANGELOG.md'));
  const file = join(output, `lockstep_${version}_all.deb`);
  writeDeb({
    control: {
      Package: 'lockstep',
      Version: version,
      Architecture: 'all',
      Maintainer: maintainer,
      Section: 'net',
      Priority: 'optional',
      Homepage: publisher.homepage,
      // One of the two makes the user of the service.
      Depends: 'nodejs (>= 24), systemd | adduser',
      Description: ['publish a site from one server and serve it from several', ...DESCRIPTION].join('\n '),
    },
    scripts: Object.fromEntries(
      (['postinst', 'prerm', 'postrm'] as const).map((name) => [
        name,
        readFileSync(join(root, 'build', 'systemd', `${name}.sh`), 'utf8'),
      ]),
    ),
    root: deb,
    file,
  });
  return file;
}

function completionFile(shell: Shell): string {
  return { bash: 'lockstep.bash', zsh: '_lockstep', fish: 'lockstep.fish' }[shell];
}

function compress(to: string, from: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const temporary = `${to}.new`;
  writeFileSync(temporary, gzipSync(readFileSync(from), { level: 9 }));
  renameSync(temporary, to);
}

function hasDpkg(): boolean {
  return existsSync('/usr/bin/dpkg-deb');
}
