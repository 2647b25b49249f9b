import { parseArgs } from 'node:util';
import { demo } from './demo/demo.ts';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    /** An Electron: the master goes on in the app. */
    app: { type: 'string' },
  },
});
const ended = new Promise<void>((resolve) => {
  process.on('SIGINT', () => resolve());
  process.on('SIGTERM', () => resolve());
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await demo({ once: values.once, app: values.app, say, ended });
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
