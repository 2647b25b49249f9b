#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeDeb } from './deb.ts';

/**
 * What electron-builder asks of fpm, done with dpkg-deb and rpmbuild: for machines where fpm cannot be had. It understands the
 * arguments that electron-builder gives, and no others.
 */
const SWITCHES = new Set(['--force']);
const RPM_ARCHES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

interface Order {
  readonly options: ReadonlyMap<string, string>;
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  /** From where to where. */
  readonly files: readonly (readonly [from: string, to: string])[];
}

const order = read(process.argv.slice(2));
const stage = mkdtempSync(join(tmpdir(), 'lockstep-fpm-'));
try {
  for (const [from, to] of order.files) {
    const target = join(stage, to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(from, target, { recursive: true, verbatimSymlinks: true });
  }
  const kind = need('-t');
  if (kind === 'deb') makeDeb();
  else if (kind === 'rpm') makeRpm();
  else throw new Error(`fpm stand-in: ${kind} is not known`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function read(args: readonly string[]): Order {
  const options = new Map<string, string>();
  const depends: string[] = [];
  const recommends: string[] = [];
  const files: (readonly [string, string])[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (SWITCHES.has(argument)) continue;
    if (argument.startsWith('-')) {
      const value = args[++at] ?? '';
      if (argument === '-d') depends.push(value);
      else if (argument === '--deb-recommends') recommends.push(value);
      else options.set(argument, value);
    } else {
      const cut = argument.lastIndexOf('=');
      files.push([argument.slice(0, cut), argument.slice(cut + 1)]);
    }
  }
  return { options, depends, recommends, files };
}

function need(name: string): string {
  const value = order.options.get(name);
  if (value === undefined) throw new Error(`fpm stand-in: ${name} is missing`);
  return value;
}

function script(name: string): string {
  return readFileSync(need(name), 'utf8');
}

function makeDeb(): void {
  const [synopsis = '', ...description] = need('--description').split('\n');
  writeDeb({
    control: {
      Package: need('--name'),
      Version: need('--version'),
      Architecture: need('--architecture'),
      Maintainer: need('--maintainer'),
      Section: order.options.get('--category') ?? 'net',
      Priority: order.options.get('--deb-priority') ?? 'optional',
      Homepage: need('--url'),
      ...(order.depends.length > 0 && { Depends: order.depends.join(', ') }),
      ...(order.recommends.length > 0 && { Recommends: order.recommends.join(', ') }),
      Description: [synopsis, ...description.map((line) => ` ${line.trim()}`)].join('\n'),
    },
    scripts: { postinst: script('--after-install'), postrm: script('--after-remove') },
    root: stage,
    file: need('--package'),
  });
}

function makeRpm(): void {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-rpm-'));
  try {
    const spec = join(work, 'package.spec');
    const tops = order.files.map(([, to]) => `"${to}"`);
    const summary = order.options.get('--rpm-summary') ?? need('--description').split('\n')[0] ?? '';
    const lines = [
      `Name: ${need('--name')}`,
      `Version: ${need('--version').replaceAll('-', '~')}`,
      'Release: 1',
      `Summary: ${summary}`,
      `License: ${need('--license')}`,
      `URL: ${need('--url')}`,
      `Group: ${order.options.get('--category') ?? 'Applications/Internet'}`,
      'AutoReqProv: no',
      ...order.depends.map((each) => `Requires: ${each}`),
      '%description',
      need('--description'),
      '%post',
      script('--after-install'),
      '%postun',
      script('--after-remove'),
      '%files',
      '%defattr(-,root,root,-)',
      ...tops,
    ];
    writeFileSync(spec, `${lines.join('\n')}\n`);
    const defines = { _rpmdir: join(work, 'out'), _topdir: work, _build_id_links: 'none', __os_install_post: '%{nil}' };
    execFileSync(
      'rpmbuild',
      [
        '-bb',
        '--quiet',
        `--target=${RPM_ARCHES[need('--architecture')] ?? need('--architecture')}`,
        `--buildroot=${stage}`,
        ...Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
        '--define',
        '_rpmfilename package.rpm',
        spec,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    mkdirSync(dirname(need('--package')), { recursive: true });
    cpSync(join(work, 'out', 'package.rpm'), need('--package'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
