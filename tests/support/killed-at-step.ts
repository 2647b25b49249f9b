import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Loaded by `--import`: ends the process, as kill -9 does, just before the name in the file system is made whose number KILL_AT_STEP says.
let step = 0;
for (const name of ['copyFile', 'mkdir', 'rename', 'rmdir'] as const) {
  const original = promises[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(promises, {
    [name]: (...args: unknown[]) => {
      step += 1;
      if (step === Number(process.env['KILL_AT_STEP'])) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}
syncBuiltinESMExports();
