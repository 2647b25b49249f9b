import { type Caller, createCaller } from './calls/calls.ts';
import { FtpAtRest } from './ftp-at-rest.ts';
import { InstallSites } from './install-sites.ts';
import { Live } from './live/live.ts';
import { Node } from './install/node.ts';
import type { Ports } from './ports.ts';
import { Publishing } from './publishing/publishing.ts';
import type { StatusSources } from './status/sources.ts';

/**
 * The same calls on a data folder whose engine is not running: no listeners, no links. Waits `patienceMillis` for another who has it
 * open. Rejects `node.missing`, `node.running`, `config.*`, `store.*`.
 */
export async function openAtRest(
  ports: Ports,
  dataDir: string,
  patienceMillis?: number,
): Promise<Caller & { close(): Promise<void> }> {
  const node = await Node.open(ports, dataDir, patienceMillis);
  const none = { ftp: null, link: null, console: null };
  const live = new Live({ clock: ports.clock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined });
  const sites = new InstallSites(node, live, () => undefined);
  const sources = (): StatusSources => sites.sources(false, none, undefined, () => undefined);
  const ftp = new FtpAtRest(node, sites.master);
  const publishing = new Publishing({
    node,
    logins: sites.master?.ownLogins,
    site: (name) => sites.published(name),
    listener: () => ftp.listen(),
    onChange: () => undefined,
  });
  await sites.apply();
  sites.lookAtFolders();
  publishing.restore('for a command');
  return {
    ...createCaller({
      node,
      master: sites.master,
      mirror: sites.mirror,
      publishing,
      sources,
      applied: async () => {
        await sites.apply();
        return undefined;
      },
    }),
    close: async () => {
      await publishing.stop();
      await ftp.stop();
      await sites.stop();
      node.close();
    },
  };
}
