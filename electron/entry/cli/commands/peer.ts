import { command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { plain, table } from '../text.ts';
import { dataFolder } from '../values.ts';

export const peerList = command({
  words: 'peer list',
  summary: 'the installs that this one is paired with',
  options: jsonOption,
  async run({ values }, io) {
    const peers = await withEngine(dataFolder(values.data, io), (engine) => engine.call('peer.list', {}));
    if (values.json) io.out(JSON.stringify(peers));
    else if (peers.length === 0)
      io.out('Paired with nobody yet: lockstep invite at a master, lockstep join at a mirror.');
    else
      for (const line of table(
        peers.map((peer) => [
          peer.name,
          peer.role,
          peer.sites.join(', '),
          peer.address === null ? 'dials this install' : `at ${plain(peer.address)}, the ${peer.dial} dials`,
          peer.id.slice(0, 16),
        ]),
      ))
        io.out(line);
    return EXIT.done;
  },
});

export const peerRemove = command({
  words: 'peer remove',
  summary: 'part with a paired install: it gets nothing more',
  positionals: ['PEER'],
  options: jsonOption,
  async run({ values, positionals: [peer = ''] }, io) {
    const removed = await withEngine(dataFolder(values.data, io), (engine) => engine.call('peer.remove', { peer }));
    io.out(values.json ? JSON.stringify(removed) : `${removed.name} is no longer paired with this install.`);
    return EXIT.done;
  },
});
