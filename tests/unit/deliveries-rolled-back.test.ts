import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a pairing that the disk does not take leaves no mirror behind, and ends none', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const peer = { id: 'tokyo', name: 'tokyo', role: 'mirror', certificate: '', address: null, dial: 'them' } as const;
  new PeerStore(store).save(peer, 1000);
  const deliveries = new Deliveries(store, new Journal(store, 'www').site);
  onTestFinished(() => deliveries.close());
  const full = (work: () => void) => (): void =>
    store.transaction(() => {
      work();
      throw new Error('full');
    });
  expect(full(() => deliveries.subscribe('tokyo', 'first'))).toThrow('full');
  expect(deliveries.subscriptions()).toEqual([]);
  store.transaction(() => deliveries.subscribe('tokyo', 'first'));
  expect(deliveries.subscription('tokyo')).toMatchObject({ pairing: 'first' });
  deliveries.progress('tokyo', { publishedSeq: 5 });
  expect(full(() => deliveries.subscribe('tokyo', 'second'))).toThrow('full');
  expect(full(() => deliveries.unsubscribe('tokyo'))).toThrow('full');
  expect(deliveries.subscription('tokyo')).toMatchObject({ pairing: 'first', publishedSeq: 5 });
  deliveries.unsubscribe('tokyo');
  expect(deliveries.subscriptions()).toEqual([]);
});
