import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from './tree.ts';

/** A Debian package from a folder that looks as the root of the system shall. Needs dpkg-deb. */
export interface Deb {
  /** Fields of the control file in their order, without Installed-Size; further lines of a description begin with a space. */
  readonly control: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Partial<Record<'postinst' | 'prerm' | 'postrm', string>>>;
  /** The staged root. `DEBIAN` is made in it. */
  readonly root: string;
  readonly file: string;
}

export function writeDeb({ control, scripts, root, file }: Deb): void {
  const files = filesBelow(root);
  const bytes = files.reduce((sum, { size }) => sum + Math.ceil(size / 1024) * 1024, 0);
  const folder = join(root, 'DEBIAN');
  mkdirSync(folder, { recursive: true });
  const fields = { ...control, 'Installed-Size': String(Math.ceil(bytes / 1024)) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(folder, 'control'), lines.join(''));
  const sums = files.map(({ path }) => `${md5(path)}  ${relative(root, path)}\n`);
  writeFileSync(join(folder, 'md5sums'), sums.join(''));
  for (const [name, script] of Object.entries(scripts)) writeFileSync(join(folder, name), script, { mode: 0o755 });
  mkdirSync(dirname(file), { recursive: true });
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** dpkg's own check of installed files; nothing relies on it for safety. */
function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}
