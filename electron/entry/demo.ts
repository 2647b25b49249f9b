import { parseArgs } from 'node:util';
import { demo } from './demo/demo.ts';

const USAGE = `npm run demo              a master and two mirrors on this machine, until Ctrl-C
npm run demo -- --once    the same, over once all has been shown`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      /** An Electron: the master goes on in the app. */
      app: { type: 'string' },
    },
  });
  if (values.help) say(USAGE);
  else process.exitCode = await demo({ once: values.once, app: values.app, say, ended: asked() });
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** When somebody ends it. */
function asked(): Promise<void> {
  return new Promise<void>((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}
