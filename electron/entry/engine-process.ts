import { join } from 'node:path';
import type { MessagePortMain } from 'electron';
import { type FromEngine, toEngine } from '../../shared/contract/desktop.ts';
import { initNode, nameOfHost } from '../engine/install/init-node.ts';
import { createEngine } from '../engine/engine.ts';
import { fileSecrets } from '../engine/install/file-secrets.ts';
import { checkCode } from '../engine/link/check-code.ts';
import { createLog } from '../engine/log/logger.ts';
import { toDescriptor } from '../engine/log/to-descriptor.ts';
import { systemClock } from '../engine/ports.ts';
import { checkFolder } from '../engine/claim/check-folder.ts';
import { unmakeNode } from '../engine/install/unmake-node.ts';
import { createDesktopLink } from './desktop-link.ts';
import { createSecretAsker, systemSecrets } from './desktop-secrets.ts';
import { type BridgePort, hostEngine } from './engine-host.ts';
import { freePort } from './free-port.ts';

const FTP_PORT = 2121;
const LINK_PORT = 2122;

/** The engine in a process of its own, forked by main: `engine-process.js DATA_DIR`. */
const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('engine-process needs the data folder');

// The console of the desktop app shows the same interface.
const staticDir = join(import.meta.dirname, '..', 'renderer');
const { logger, ring } = createLog('info', toDescriptor(2));
const tellShell = (message: FromEngine): void => process.parentPort.postMessage(message);
const shell = createDesktopLink(tellShell);
const secrets = createSecretAsker(tellShell);
const host = hostEngine({
  create: async () => {
    const ports = {
      clock: systemClock,
      logger,
      log: ring,
      secrets: await systemSecrets(secrets, fileSecrets(dataDir)),
    };
    return createEngine(ports, dataDir, { staticDir });
  },
  init: (options) => init(dataDir, options),
  checks: {
    'folder.check': (asked) => checkFolder(asked, [dataDir]),
    'pairing.check': ({ code }) => checkCode(code, systemClock.now()),
  },
  suggestedName: nameOfHost(),
  onHost: (state) => shell.host(state),
  onRun: (engine) => shell.follow(engine),
  onBug: (error, name) => logger.error({ err: error, call: name }, 'a call failed for no reason that it knows'),
});

const stop = async (): Promise<void> => {
  shell.stop();
  await host.stop();
  process.exit(0);
};

process.parentPort.on('message', ({ data, ports: [port] }) => {
  // main is of the same build; what it says is parsed all the same, as everything that comes into a process.
  const message = toEngine.parse(data);
  switch (message.type) {
    case 'connect':
      if (port !== undefined) host.serve(bridge(port));
      return;
    case 'stop':
      void stop();
      return;
    case 'pause':
      // What becomes of it the next summary tells.
      void host.call(message.on ? 'node.pause' : 'node.resume', {});
      return;
    case 'secret':
      secrets.answered(message);
  }
});
process.once('SIGTERM', () => void stop());
await host.start();

/** The usual ports where they are free: a first start must not end at another program's FTP server. */
async function init(
  folder: string,
  { role, name }: { role: 'master' | 'mirror' | 'publisher'; name: string },
): Promise<{ undo: () => Promise<void> }> {
  switch (role) {
    case 'master':
      await initNode(folder, { role, name, ftp: await onAny(FTP_PORT), link: await onAny(LINK_PORT) });
      break;
    case 'mirror':
      await initNode(folder, { role, name });
      break;
    case 'publisher': {
      const own = { host: '127.0.0.1', port: 0 };
      await initNode(folder, { role: 'master', name, ftp: own, link: own });
      break;
    }
  }
  return { undo: () => unmakeNode(folder) };
}

async function onAny(port: number): Promise<{ host: string; port: number }> {
  return { host: '0.0.0.0', port: await freePort(port) };
}

function bridge(port: MessagePortMain): BridgePort {
  port.start();
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    onClose: (listener) => port.once('close', listener),
  };
}
