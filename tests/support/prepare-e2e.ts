import { createServer, type Server } from 'node:net';
import { electronExecutable } from './electron-executable.ts';
import { useRunFolder } from './run-folder.ts';

/** Playwright's global set-up: says on what the tests run, and keeps the usual ports. */
export default async function prepare(): Promise<() => void> {
  const { kind, path } = electronExecutable();
  const what =
    kind === 'real' ? `the real Electron (${path})` : 'the stand-in for Electron (Node and the system’s Chromium)';
  console.log(`End-to-end tests run on ${what}.`);
  const kept = await Promise.all([keep(2121), keep(2122)]);
  const endRunFolder = useRunFolder();
  return () => {
    kept.forEach((server) => server.close());
    endRunFolder();
  };
}

/** Apps of several tests run at once: one that is started again would find its port taken by another's first start. */
function keep(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).once('error', () => resolve(server));
    server.listen({ port, host: '0.0.0.0' }, () => resolve(server));
  });
}
