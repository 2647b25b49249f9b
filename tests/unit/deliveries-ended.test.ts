import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Deliveries, type DeliveryState, REPORTS_KEPT_MAX } from '../../electron/engine/store/deliveries.ts';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { LINK_ITEMS_MAX } from '../../shared/contract/link.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function aMirror() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const peer = { id: 'tokyo', name: 'tokyo', role: 'mirror', certificate: '', address: null, dial: 'them' } as const;
  new PeerStore(store).save(peer, 1000);
  const journal = new Journal(store, 'www');
  const by = { account: 'alice' };
  const states = ['published', 'queued', 'fetching', 'fetched', 'failed', 'held', 'skipped', 'superseded'] as const;
  journal.append(
    states.map((state) => ({ op: 'mkdir', path: state as string as SitePath })),
    by,
    1,
  );
  const deliveries = new Deliveries(store, journal.site);
  onTestFinished(() => deliveries.close());
  deliveries.subscribe('tokyo', 'first');
  const reported = states.map(
    (state, index): DeliveryState => ({ seq: index + 1, path: state as string as SitePath, state }),
  );
  const told = (): unknown[] => {
    deliveries.flush();
    return store.all('SELECT state FROM delivery ORDER BY seq').map(({ state }) => state);
  };
  return { store, deliveries, reported, told };
}

test.each(['removed', 'paired anew'] as const)(
  'of a mirror that is %s nothing is on its way any more, and what has arrived has',
  async (how) => {
    const { deliveries, reported, told } = await aMirror();
    deliveries.reported('tokyo', reported);
    expect(told()).toHaveLength(8);
    // What it has said last is not written yet.
    deliveries.reported('tokyo', reported);
    if (how === 'removed') deliveries.unsubscribe('tokyo');
    else deliveries.subscribe('tokyo', 'second');
    expect(told()).toEqual(['published', 'skipped', 'superseded']);
  },
);

test('a removal that the disk does not take ends nothing', async () => {
  const { store, deliveries, reported, told } = await aMirror();
  deliveries.reported('tokyo', reported);
  const refused = (): void =>
    store.transaction(() => {
      deliveries.unsubscribe('tokyo');
      throw new Error('full');
    });
  expect(refused).toThrow('full');
  expect(told()).toHaveLength(8);
});

test('of what mirrors say while the disk refuses it so many changes are kept, the latest', async () => {
  const { store, deliveries } = await aMirror();
  const written: number[] = [];
  let isFull = true;
  vi.spyOn(store, 'soon').mockImplementation((work) => {
    if (isFull) throw new AppError('file.disk-full');
    work();
  });
  const messages = 3 * Math.ceil(REPORTS_KEPT_MAX / LINK_ITEMS_MAX);
  const path = 'a' as SitePath;
  deliveries.flush();
  for (let message = 1; message <= messages; message += 1) {
    deliveries.reported('tokyo', Array<DeliveryState>(LINK_ITEMS_MAX).fill({ seq: message, path, state: 'queued' }));
    deliveries.flush();
  }
  isFull = false;
  vi.spyOn(store, 'run').mockImplementation((_, ...values) => written.push(Number(values[1])));
  deliveries.flush();
  expect(written.length).toBeLessThanOrEqual(REPORTS_KEPT_MAX);
  expect(written.length).toBeGreaterThan(REPORTS_KEPT_MAX - LINK_ITEMS_MAX);
  expect(written.at(-1)).toBe(messages);
});
