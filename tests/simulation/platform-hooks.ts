import { registerHooks } from 'node:module';

/** What stands in for what, for the engine's sources alone; files and databases are the disk's (hooks.ts). */
const modules: Readonly<Record<string, string>> = {
  'node:crypto': './platform/crypto.ts',
  'node:dgram': './platform/dgram.ts',
  'node:os': './platform/os.ts',
  'node:timers/promises': './platform/timers-promises.ts',
  'basic-ftp': './network/ftp-client.ts',
  ws: './network/websocket.ts',
};
const files: Readonly<Record<string, string>> = {
  'electron/engine/console/console.ts': './platform/console.ts',
  'electron/engine/core/keeping.ts': './platform/keeping.ts',
  'electron/engine/hooks/run-command.ts': './platform/run-command.ts',
  'electron/engine/link/connect.ts': './network/connect.ts',
  'electron/engine/link/identity.ts': './platform/identity.ts',
  'electron/engine/link/link-server.ts': './network/link-server.ts',
  'electron/engine/link/pairing.ts': './network/pairing.ts',
  'electron/engine/link/post-json.ts': './network/post-json.ts',
  'electron/engine/master/watch/writers.ts': './platform/writers.ts',
  'electron/engine/mirror/retriever/open-data.ts': './network/open-data.ts',
  'electron/engine/publishing/connection.ts': './network/ftp-connection.ts',
  'electron/engine/tree/boot.ts': './platform/boot.ts',
  'shared/contract/link.ts': './platform/link-contract.ts',
  'electron/engine/master/ftp-server/ftp-server.ts': './network/ftp-server.ts',
};
const house = new URL('../../', import.meta.url).href;
const engine = ['electron/', 'shared/'].map((folder) => house + folder);

/** From now on; the engine is imported after it. */
export function installPlatformHooks(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!engine.some((folder) => context.parentURL?.startsWith(folder))) return next(specifier, context);
      const found = modules[specifier] ?? files[fileOf(specifier, context.parentURL)];
      if (found === undefined) return next(specifier, context);
      return { url: new URL(found, import.meta.url).href, format: 'module-typescript', shortCircuit: true };
    },
  });
}

function fileOf(specifier: string, parent: string | undefined): string {
  return specifier.startsWith('.') ? new URL(specifier, parent).href.slice(house.length) : '';
}
