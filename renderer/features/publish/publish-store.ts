import { create } from 'zustand';
import type { PublishJob, PublishPlan, PublishTo } from '../../../shared/contract/publishing.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import { useEngine } from '../../stores/engine-store.ts';
import { refusalOf } from '../../ui/refusal.ts';
import { bring, type Brought } from './bring.ts';
import type { Gathered } from './gather.ts';
import { nameOfPath, type Source } from './source.ts';

/** What a person decides about a drop. */
export interface Order {
  readonly source: Source;
  /** A saved target; undefined: the site that is chosen, at this master, which has one. */
  readonly target: string | undefined;
  readonly name: string;
  /** '' is the whole site. */
  readonly into: string;
  readonly withDelete: boolean;
  readonly together: boolean;
}

/** In place of the name of a site, where this install has none of its own and drops go to targets only. */
export const NO_SITE = '';

/** How far the person is. A job goes on whatever is looked at. */
export type Stage =
  /** `refusal`: why what `tried` names was not looked at. */
  | { readonly is: 'nothing'; readonly refusal?: ErrorJson; readonly tried?: Source }
  | { readonly is: 'bringing'; readonly brought?: Brought }
  | { readonly is: 'reading'; readonly order: Order; readonly plan?: PublishPlan }
  /** What the changed order would do could not be found out: it cannot be published before it is. */
  | { readonly is: 'refused'; readonly order: Order; readonly refusal: ErrorJson }
  | { readonly is: 'review'; readonly order: Order; readonly plan: PublishPlan; readonly refusal?: ErrorJson }
  | { readonly is: 'starting'; readonly order: Order; readonly plan: PublishPlan }
  | { readonly is: 'job'; readonly id: string }
  | { readonly is: 'published'; readonly release: number };

interface Publishing {
  /** By the name of the site, or `NO_SITE`. Absent: nothing was looked at since the page was loaded. */
  readonly stages: Readonly<Record<string, Stage>>;
  /** Where drops go; undefined: nobody has chosen. By the same. */
  readonly targets: Readonly<Record<string, string | undefined>>;
}

const usePublishing = create<Publishing>(() => ({ stages: {}, targets: {} }));

const nothing: Stage = { is: 'nothing' };
/** What is being sent, by site. */
const bringing = new Map<string, AbortController>();
const TELL_MILLIS = 100;

/** A page that was loaded anew finds what is under way. */
export function useStage(site: string): Stage {
  const stage = usePublishing(({ stages }) => stages[site]);
  const running = useEngine(({ jobs }) => jobs.findLast((job) => concerns(job, site) && isOpen(job))?.id);
  if (stage) return stage;
  return running === undefined ? nothing : { is: 'job', id: running };
}

export function useTarget(site: string): string | undefined {
  return usePublishing(({ targets }) => targets[site]);
}

/** It runs, waits, or waits for a person. */
export function isOpen({ state }: PublishJob): boolean {
  return state.is !== 'done' && state.is !== 'cancelled';
}

export function concerns({ to }: PublishJob, site: string): boolean {
  return to.kind === 'target' || to.site === site;
}

/** While something is sent or compared, nothing else can be. */
export function isOpenForDrops({ is }: Stage): boolean {
  return is !== 'bringing' && is !== 'reading' && is !== 'starting';
}

export function takesDrops(site: string): boolean {
  return isOpenForDrops(usePublishing.getState().stages[site] ?? nothing);
}

/** What a person can do; each leads to a stage. */
export interface Actions {
  look(order: Order): Promise<void>;
  /** The same with what a browser has, which is sent first. */
  bring(gathering: Promise<Gathered>, target: string | undefined): Promise<void>;
  /** Changes what does not matter to the plan. */
  edit(change: Partial<Pick<Order, 'name' | 'together'>>): void;
  publish(): Promise<void>;
  /** Where drops go from now on; what is being looked at is compared anew. */
  sendTo(target: string | undefined): void;
  watch(job: string): void;
  follow(release: number): void;
  reset(): void;
}

export function actionsOn(bridge: Bridge, site: string): Actions {
  const stage = (): Stage => usePublishing.getState().stages[site] ?? nothing;
  const show = (next: Stage): void => {
    usePublishing.setState(({ stages }) => ({ stages: { ...stages, [site]: next } }));
  };
  const actions: Actions = {
    async look(order) {
      const before = stage();
      const reading: Stage =
        before.is === 'review' ? { is: 'reading', order, plan: before.plan } : { is: 'reading', order };
      show(reading);
      try {
        const plan = await bridge.call('publish.plan', orderParams(site, order));
        // The person may have gone back, or changed the order, meanwhile.
        if (stage() === reading) show({ is: 'review', order, plan });
      } catch (error) {
        if (stage() !== reading) return;
        const refusal = refusalOf(error);
        const isChanged = before.is === 'review' || before.is === 'refused';
        show(isChanged ? { is: 'refused', order, refusal } : { is: 'nothing', refusal, tried: order.source });
      }
    },
    async bring(gathering, target) {
      const { sent } = bridge;
      if (!sent) return;
      const ending = new AbortController();
      bringing.get(site)?.abort();
      bringing.set(site, ending);
      const tell = (brought?: Brought): void => {
        if (!ending.signal.aborted) show({ is: 'bringing', ...(brought && { brought }) });
      };
      tell();
      try {
        const source = await bring(sent, await gathering, ending.signal, atMost(tell, TELL_MILLIS));
        if (ending.signal.aborted) return;
        if (source.paths.length === 0) show(nothing);
        else await actions.look(orderFor(source, target));
      } catch (error) {
        if (!ending.signal.aborted) show({ is: 'nothing', refusal: refusalOf(error) });
      }
    },
    edit(change) {
      const now = stage();
      if (now.is === 'review') show({ ...now, order: { ...now.order, ...change } });
    },
    async publish() {
      const now = stage();
      if (now.is !== 'review') return;
      const { order, plan } = now;
      if (order.name.trim() === '') {
        show({ ...now, refusal: { code: 'release.bad-name', params: {} } });
        return;
      }
      show({ is: 'starting', order, plan });
      try {
        const { name, together } = order;
        const started = await bridge.call('publish.start', {
          ...orderParams(site, order),
          name: name.trim(),
          ...(together && { together: {} }),
        });
        // What the engine has told of it meanwhile is newer.
        useEngine.setState(({ jobs }) => ({
          jobs: jobs.some(({ id }) => id === started.id) ? jobs : [...jobs, started],
        }));
        show({ is: 'job', id: started.id });
      } catch (error) {
        show({ is: 'review', order, plan, refusal: refusalOf(error) });
      }
    },
    sendTo(target) {
      usePublishing.setState(({ targets }) => ({ targets: { ...targets, [site]: target } }));
      const now = stage();
      if ((now.is === 'review' || now.is === 'refused') && now.order.target !== target)
        void actions.look({ ...now.order, target });
    },
    watch: (id) => show({ is: 'job', id }),
    follow: (release) => show({ is: 'published', release }),
    reset: () => {
      bringing.get(site)?.abort();
      const now = stage();
      // What cannot be removed now is removed by and by.
      if ('order' in now && now.order.source.sent)
        bridge.sent?.discard(now.order.source.sent.id).catch(() => undefined);
      show(nothing);
    },
  };
  return actions;
}

/** Not more often than that. */
function atMost<T>(tell: (value: T) => void, millis: number): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (performance.now() - last < millis) return;
    last = performance.now();
    tell(value);
  };
}

/** Where drops go that nobody has said more of. */
export function targetOf(site: string): string | undefined {
  return usePublishing.getState().targets[site];
}

/** With what is most likely meant. */
export function orderFor(source: Source, target: string | undefined): Order {
  const [first = '', ...others] = source.paths.map(nameOfPath);
  const name = others.length === 0 ? first : `${first} +${others.length}`;
  return { source, target, name, into: '', withDelete: false, together: false };
}

function orderParams(site: string, { source, target, into, withDelete }: Order) {
  const to: PublishTo = target === undefined ? { kind: 'site', site } : { kind: 'target', target };
  return {
    to,
    sources: [...source.paths],
    ...(into !== '' && { into }),
    delete: withDelete && source.isFolder,
  };
}
