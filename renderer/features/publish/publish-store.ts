import { create } from 'zustand';
import type { FolderPlan } from '../../../shared/contract/releases.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import { refusalOf } from '../../ui/refusal.ts';
import { nameOfPath, type Source } from './source.ts';

/** What a person decides about a release. */
export interface Order {
  readonly source: Source;
  readonly name: string;
  /** '' is the whole site. */
  readonly into: string;
  readonly withDelete: boolean;
  readonly together: boolean;
}

/** How far a release is. It goes on while the person looks at another screen. */
export type Stage =
  | { readonly is: 'nothing'; readonly refusal?: ErrorJson }
  | { readonly is: 'reading'; readonly order: Order; readonly plan?: FolderPlan }
  | { readonly is: 'review'; readonly order: Order; readonly plan: FolderPlan; readonly refusal?: ErrorJson }
  | { readonly is: 'publishing'; readonly order: Order; readonly plan: FolderPlan }
  | { readonly is: 'published'; readonly release: number };

interface Publishing {
  /** By the name of the site. */
  readonly stages: Readonly<Record<string, Stage>>;
}

const usePublishing = create<Publishing>(() => ({ stages: {} }));

const nothing: Stage = { is: 'nothing' };

export function useStage(site: string): Stage {
  return usePublishing(({ stages }) => stages[site] ?? nothing);
}

/** While something is compared or copied, nothing else can be. */
export function isOpenForDrops({ is }: Stage): boolean {
  return is === 'nothing' || is === 'review' || is === 'published';
}

export function takesDrops(site: string): boolean {
  return isOpenForDrops(usePublishing.getState().stages[site] ?? nothing);
}

/** What a person can do; each leads to a stage. */
export interface Actions {
  look(order: Order): Promise<void>;
  /** Changes what does not matter to the plan. */
  edit(change: Partial<Pick<Order, 'name' | 'together'>>): void;
  publish(allowDeletes?: boolean): Promise<void>;
  follow(release: number): void;
  reset(): void;
}

export function actionsOn(bridge: Bridge, site: string): Actions {
  const stage = (): Stage => usePublishing.getState().stages[site] ?? nothing;
  const show = (next: Stage): void => {
    usePublishing.setState(({ stages }) => ({ stages: { ...stages, [site]: next } }));
  };
  return {
    async look(order) {
      const before = stage();
      const reading: Stage =
        before.is === 'review' ? { is: 'reading', order, plan: before.plan } : { is: 'reading', order };
      show(reading);
      try {
        const { plan } = await bridge.call('release.publish', { ...paramsOf(site, order), dryRun: true });
        // The person may have gone back, or changed the order, meanwhile.
        if (stage() === reading) show({ is: 'review', order, plan });
      } catch (error) {
        if (stage() !== reading) return;
        const refusal = refusalOf(error);
        show(before.is === 'review' ? { ...before, refusal } : { is: 'nothing', refusal });
      }
    },
    edit(change) {
      const now = stage();
      if (now.is === 'review') show({ ...now, order: { ...now.order, ...change } });
    },
    async publish(allowDeletes = false) {
      const now = stage();
      if (now.is !== 'review') return;
      const { order, plan } = now;
      show({ is: 'publishing', order, plan });
      try {
        const { release, plan: done } = await bridge.call('release.publish', {
          ...paramsOf(site, order),
          allowDeletes,
        });
        show(release === undefined ? { is: 'review', order, plan: done } : { is: 'published', release: release.id });
      } catch (error) {
        show({ is: 'review', order, plan, refusal: refusalOf(error) });
      }
    },
    follow: (release) => show({ is: 'published', release }),
    reset: () => show(nothing),
  };
}

/** With what is most likely meant. */
export function orderFor(source: Source): Order {
  const [first, ...others] = source.only ?? [nameOfPath(source.folder)];
  const name = others.length === 0 ? (first ?? '') : `${first} +${others.length}`;
  return { source, name, into: '', withDelete: false, together: false };
}

function paramsOf(site: string, { source, name, into, withDelete, together }: Order) {
  return {
    site,
    folder: source.folder,
    name: name.trim(),
    ...(source.only && { only: [...source.only] }),
    ...(into !== '' && { into }),
    ...(together && { together: {} }),
    delete: withDelete && !source.only,
  };
}
