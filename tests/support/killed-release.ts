import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * A process of its own: in the site of the folder `argv[2]` it commits a release, and is killed right before the system call
 * number `argv[3]` by which that changes the tree. With `argv[4]` `clash`, a folder is in the way of its last file: what was done
 * is undone, and undoing makes system calls too.
 */
const [, , home = '', call = '', how = ''] = process.argv;
let calls = 0;
let counting = false;

/** Has to be in place before anything imports the functions by their names. */
function killAt(name: 'renameSync' | 'unlinkSync' | 'mkdirSync' | 'rmdirSync' | 'lutimesSync' | 'linkSync'): void {
  const original = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (counting && ++calls === Number(call)) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}
for (const name of ['renameSync', 'unlinkSync', 'mkdirSync', 'rmdirSync', 'lutimesSync', 'linkSync'] as const)
  killAt(name);
syncBuiltinESMExports();

const { Journal } = await import('../../electron/engine/store/journal.ts');
const { openStore } = await import('../../electron/engine/store/open.ts');
const { SiteRoot } = await import('../../electron/engine/tree/site-root.ts');
const { quietSite } = await import('./quiet-site.ts');
const { changeForKill } = await import('./site-calls.ts');

const store = await openStore(join(home, 'lockstep.db'));
const site = quietSite({
  root: await SiteRoot.open(join(home, 'site'), false),
  store,
  journal: new Journal(store, 'www'),
  concerns: () => {
    if (how === 'clash') fs.mkdirSync(join(home, 'site', 'z-last'));
    counting = true;
    return [];
  },
});
await site.start();
const release = site.beginRelease('killed', { account: 'tester' });
await changeForKill(release);
await release.commit().catch(() => undefined);
counting = false;
await site.stop();
store.close();
process.stdout.write(String(calls));
