import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, becomeReady } from './api/app.ts';
import { followTargets } from './api/browser-window.ts';
import { killChildren } from './api/utility-process.ts';
import { connectCdp } from './cdp.ts';
import { startChromium } from './chromium.ts';
import { runtime } from './runtime.ts';

/** Starts an app as the Electron executable would: `electron [switches] [-r module] APP [arguments]`. */
const given = process.argv.slice(2);
const { modules, appArgument } = readCommandLine(given);
process.argv = [join(import.meta.dirname, 'electron'), ...given];
const { version } = readManifest(join(import.meta.dirname, '..', '..', '..', 'node_modules', 'electron'));
Object.defineProperty(process.versions, 'electron', { value: version, enumerable: true });
Object.defineProperty(process, 'type', { value: 'browser' });

const require = createRequire(join(process.cwd(), 'here.js'));
for (const module of modules) require(module);

const entry = findEntry(appArgument);
const chromium = await startChromium();
runtime.stop = () => {
  killChildren();
  chromium.stop();
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.exit(0));

runtime.cdp = await connectCdp(chromium.url);
runtime.cdp.onGone(() => app.exit(1));
await runtime.cdp.send('Target.setDiscoverTargets', { discover: true });
followTargets();
process.stderr.write(`\nDevTools listening on ${chromium.url}\n`);

const loaded = import(pathToFileURL(entry).href);
setImmediate(becomeReady);
await loaded;

function readCommandLine(args: readonly string[]): { modules: string[]; appArgument: string } {
  const found: string[] = [];
  let appPath: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    const [, name, value = ''] = /^--([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (argument === '-r') found.push(args[++index] ?? '');
    else if (name !== undefined) runtime.switches.set(name, value);
    else if (!argument.startsWith('-')) appPath ??= resolve(argument);
  }
  if (appPath === undefined) throw new Error('stand-in: the command line names no app');
  return { modules: found, appArgument: appPath };
}

function findEntry(appPath: string): string {
  if (!statSync(appPath).isDirectory()) {
    runtime.appPath = dirname(appPath);
    return appPath;
  }
  runtime.appPath = appPath;
  runtime.manifest = readManifest(appPath);
  return resolve(appPath, runtime.manifest.main ?? 'index.js');
}

function readManifest(folder: string): typeof runtime.manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as typeof runtime.manifest;
}
