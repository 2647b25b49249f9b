import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import type { Target } from '../../electron/engine/core/want.ts';
import { Publisher, type PublisherOptions } from '../../electron/engine/mirror/publisher.ts';
import type { Ready } from '../../electron/engine/mirror/ready.ts';
import { DriftStore } from '../../electron/engine/store/drift-store.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { newWant } from '../../electron/engine/store/want-rows.ts';
import { Planner } from '../../electron/engine/tree/planner.ts';
import type { Step } from '../../electron/engine/tree/steps.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { Versions } from '../../electron/engine/tree/versions.ts';
import type { Change } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A mirror's publisher of a real folder, without a master. What became of what it was given stands in `done`, `failed`, `returned` and `blocked`. */
export async function startPublisher(others: Partial<PublisherOptions> = {}) {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  store.run("INSERT INTO site (name) VALUES ('www')");
  const state = new MirrorState(store, 'www');
  const drift = new DriftStore(store, state.site);
  const done: SitePath[] = [];
  const failed: string[] = [];
  const returned: SitePath[] = [];
  const blocked: SitePath[] = [];
  const options: Partial<Record<keyof PublisherOptions, unknown>> = {
    state,
    root,
    versions: new Versions(store, state.site, root, () => ({ keep: 'none' }) as never),
    drift,
    now: () => 2,
    logger: pino({ level: 'silent' }),
    onDone: ({ want }: Ready, outcome: string) => outcome !== 'failed' && done.push(want.path),
    onFailed: ({ path }: Ready['want'], { code }: { readonly code: string }) => failed.push(`${path} ${code}`),
    onReturned: (ready: readonly Ready[]) => returned.push(...ready.map(({ want }) => want.path)),
    onNotShown: (_lost: unknown, ready: readonly Ready[]) => returned.push(...ready.map(({ want }) => want.path)),
    onBlocked: (ready: readonly Ready[]) => {
      blocked.push(...ready.map(({ want }) => want.path));
      return ready;
    },
    onTransfer: () => undefined,
    onWant: () => undefined,
    onRenameFailed: () => undefined,
    onTakenApart: () => undefined,
    backlogged: () => false,
    onBug: (error: unknown) => {
      throw error;
    },
    ...others,
  };
  const create = (): Publisher => new Publisher(options as unknown as PublisherOptions);
  const publisher = create();
  onTestFinished(() => publisher.stop());
  /** Wants it. `staged`: the name of its content in the staging folder. */
  const ready = (
    path: SitePath,
    target: Exclude<Target, { kind: 'gone' }>,
    seq: number,
    staged: string | null = null,
  ): Ready => {
    const told = { path, seq, at: 1 };
    const change: Change = target.kind === 'file' ? { ...told, op: 'put', ...target } : { ...told, op: 'mkdir' };
    const transfer = state.transfers.add(change, 'fetch', 'queued', 1);
    const want = { ...newWant(1), path, target, seq, transfer };
    state.wants.set(want);
    return { want, verdict: 'fetch', staged };
  };
  /** Another one begins where this one was stopped, or has crashed. */
  const start = (): Promise<void> => create().start();
  return { state, root, drift, publisher, start, ready, done, failed, returned, blocked };
}

/** While what is decided is carried out for the first time. */
export function meanwhile(as: 'carryOut' | 'carryOutTogether', work: () => unknown): void {
  const carryOut: (this: Planner, id: number, plan: readonly Step[]) => Promise<void> = Planner.prototype[as];
  const spy = vi.spyOn(Planner.prototype, as).mockImplementationOnce(async function (
    this: Planner,
    id: number,
    plan: readonly Step[],
  ) {
    await work();
    return carryOut.call(this, id, plan);
  });
  onTestFinished(() => spy.mockRestore());
}
