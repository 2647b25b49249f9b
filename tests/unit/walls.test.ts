import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floors, violations } from '../../build/walls.ts';

const checkout = join(import.meta.dirname, '..', '..');
let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'lockstep-walls-'));
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

describe('walls', () => {
  it('hold in this checkout', () => {
    expect(violations(checkout)).toEqual([]);
  });

  it('stand in the picture of the README, each room below those that it knows', () => {
    const engine = join(checkout, 'electron', 'engine');
    const readme = readFileSync(join(checkout, 'README.md'), 'utf8');
    const [picture = ''] = /^ {2}engine\/[^]*?(?=^ {2}entry\/)/m.exec(readme) ?? [];
    const shown = [...picture.matchAll(/^ {4}([a-z-]+)\/ /gm)].map(([, name]) => `electron/engine/${name}`);
    const rooms = readdirSync(engine, { withFileTypes: true }).filter((item) => item.isDirectory());
    expect(shown.toSorted()).toEqual(rooms.map(({ name }) => `electron/engine/${name}`).toSorted());
    for (const { path, may } of floors)
      for (const other of may)
        if (shown.includes(path) && shown.includes(other))
          expect([other, path], `${path} knows ${other}`).toEqual(
            [other, path].toSorted((a, b) => shown.indexOf(a) - shown.indexOf(b)),
          );
  });

  it.each([
    ['electron/engine/a.ts', "import { app } from 'electron';", 'electron/engine does not know Electron'],
    ['electron/engine/a.ts', "import type { App } from 'electron/main';", 'electron/engine does not know Electron'],
    [
      'electron/engine/core/a.ts',
      "export const a = await import('electron');",
      'electron/engine/core does not know Electron',
    ],
    ['electron/engine/a.ts', "export { b } from '../main/b.ts';", 'electron/engine may not import electron/main'],
    ['electron/engine/a.ts', "import '../entry/cli.ts';", 'electron/engine may not import electron/entry'],
    ['electron/engine/a.ts', "import '../../renderer/ui/a.ts';", 'electron/engine may not import renderer/ui'],
    ['electron/engine/a.ts', "import '../../build/a.ts';", 'electron/engine may not import build/a.ts'],
    ['electron/engine/a.ts', "import 'ws';", 'electron/engine may import no package'],
    [
      'electron/engine/core/a.ts',
      "import '../store/open.ts';",
      'electron/engine/core may not import electron/engine/store',
    ],
    [
      'electron/engine/store/a.ts',
      "import '../tree/hash.ts';",
      'electron/engine/store may not import electron/engine/tree',
    ],
    [
      'electron/engine/tree/a.ts',
      "import '../link/connect.ts';",
      'electron/engine/tree may not import electron/engine/link',
    ],
    [
      'electron/engine/master/a.ts',
      "import '../mirror/mirror.ts';",
      'electron/engine/master may not import electron/engine/mirror',
    ],
    [
      'electron/engine/mirror/a.ts',
      "import type {} from '../master/site.ts';",
      'electron/engine/mirror may not import electron/engine/master',
    ],
    ['electron/engine/mirror/a.ts', "import '../engine.ts';", 'electron/engine/mirror may not import electron/engine'],
    ['renderer/ui/a.tsx', "import fs from 'node:fs';", 'renderer/ui is not for Node'],
    ['renderer/ui/a.tsx', "import fs from 'fs';", 'renderer/ui is not for Node'],
    ['renderer/ui/a.tsx', "const fs = require('node:fs');", 'renderer/ui is not for Node'],
    ['renderer/ui/a.tsx', "import { ipcRenderer } from 'electron';", 'renderer/ui does not know Electron'],
    ['renderer/a.ts', "import './ui/a.ts';", 'the file is in no room of the house'],
    [
      'renderer/features/log/a.ts',
      "import '../../../electron/engine/ports.ts';",
      'renderer/features/log may not import electron/engine/ports.ts',
    ],
    ['renderer/features/log/a.ts', "import '../../app/a.ts';", 'renderer/features/log may not import renderer/app'],
    [
      'renderer/features/log/a.ts',
      "import '../map/a.ts';",
      'renderer/features/log may not import renderer/features/map',
    ],
    ['renderer/ui/a.ts', "import '../features/log/a.ts';", 'renderer/ui may not import renderer/features/log'],
    [
      'renderer/ui/a.ts',
      "import 'ws';",
      'renderer/ui may import no package but react, react-dom, zustand, @tanstack/react-virtual',
    ],
    ['shared/a.ts', "import { join } from 'node:path';", 'shared is not for Node'],
    ['shared/a.ts', "import type { App } from 'electron';", 'shared does not know Electron'],
    ['shared/a.ts', "export * from '../electron/engine/ports.ts';", 'shared may not import electron/engine/ports.ts'],
    ['shared/a.ts', "import 'react';", 'shared may import no package but zod'],
    ['electron/main/a.ts', "import '../engine/engine.ts';", 'electron/main may not import electron/engine'],
    ['electron/preload/a.ts', "import 'node:fs';", 'electron/preload is not for Node'],
    ['electron/entry/cli.ts', "import 'electron';", 'electron/entry does not know Electron'],
    ['electron/stray.ts', "import 'node:fs';", 'the file is in no room of the house'],
  ])('%s: %s', (file, code, because) => {
    put(file, code);
    expect(violations(house)).toMatchObject([{ file, because }]);
  });

  it('let through what the arrows allow', () => {
    put('shared/a.ts', "import { z } from 'zod'; import './b.ts';");
    put(
      'renderer/app/a.tsx',
      "import '../../shared/a.ts'; import './b.css'; import '../features/log/b.ts'; import { useState } from 'react';",
    );
    put(
      'electron/engine/a.ts',
      "import 'node:fs'; import '../../shared/a.ts'; import './core/b.ts'; import './link/b.ts';",
    );
    put(
      'electron/engine/link/a.ts',
      "import 'ws'; import '../core/b.ts'; import '../tree/b.ts'; import '../ports.ts';",
    );
    put('electron/engine/calls/a.ts', "import '../master/a.ts'; import '../mirror/a.ts'; node.require('master');");
    put('electron/main/a.ts', "import { app } from 'electron'; import '../../shared/a.ts'; import 'node:path';");
    put('electron/entry/main.ts', "import '../main/a.ts';");
    put('electron/entry/cli.ts', "import '../engine/a.ts'; import 'node:fs';");
    expect(violations(house)).toEqual([]);
  });

  it.each([
    ['shared', 'export const here = process.cwd();', 'process'],
    ['shared', "export const there = document.querySelector('a');", 'document'],
    ['shared', 'export const later = setTimeout(() => undefined, 1);', 'setTimeout'],
    ['renderer', 'export const here = process.cwd();', 'process'],
    ['electron/engine', 'export const there = document.title;', 'document'],
  ])('the types of %s have no global for: %s', async (room, code, global) => {
    for (const config of ['build/tsconfig', 'shared/tsconfig.json', `${room}/tsconfig.json`]) {
      mkdirSync(dirname(join(house, config)), { recursive: true });
      cpSync(join(checkout, config), join(house, config), { recursive: true });
    }
    symlinkSync(join(checkout, 'node_modules'), join(house, 'node_modules'), 'junction');
    put('shared/empty.ts', 'export {};');
    put(`${room}/a.ts`, code);
    const { code: exit, output } = await tsc(join(house, room));
    expect({ exit, names: output.includes(`'${global}'`) }).toEqual({ exit: expect.any(Number), names: true });
    expect(exit).toBeGreaterThan(0);
  });
});

function put(file: string, code: string): void {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  writeFileSync(join(house, file), `${code}\n`);
}

function tsc(project: string): Promise<{ code: number; output: string }> {
  const script = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, '-b', project], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout });
    });
  });
}
