import type { HostState } from '../../shared/contract/bridge.ts';
import { type EngineSummary, type FromEngine, RELEASES_MAX } from '../../shared/contract/desktop.ts';
import { release as releaseSchema, type Release } from '../../shared/contract/releases.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { summarise, summariseHost } from './desktop-summary.ts';
import type { HostedEngine } from './engine-host.ts';

/** While changes pour in the shell is told this often at most. */
const PAUSE_MILLIS = 500;

export interface DesktopLink {
  /** The host's state: what the shell shows while there is no engine. */
  host(host: HostState): void;
  /** Tells the shell of this engine from now on. */
  follow(engine: HostedEngine): void;
  stop(): void;
}

/** Tells the desktop shell how the install is, in a few words, whenever these change. */
export function createDesktopLink(post: (message: FromEngine) => void): DesktopLink {
  let timer: NodeJS.Timeout | undefined;
  let latest: Status | undefined;
  let told = '';
  let stopped = false;

  const tell = (summary: EngineSummary): void => {
    const text = JSON.stringify(summary);
    if (text === told || stopped) return;
    told = text;
    post({ type: 'summary', summary });
  };

  const look = async (engine: HostedEngine): Promise<void> => {
    const status = latest;
    if (status === undefined) return;
    const releases = status.node.role === 'master' ? await releasesOf(engine, status) : [];
    timer = undefined;
    tell(summarise(latest ?? status, releases));
    if (latest !== status) schedule(engine);
  };
  const schedule = (engine: HostedEngine, pause = PAUSE_MILLIS): void => {
    if (!stopped) timer ??= setTimeout(() => void look(engine), pause);
  };

  return {
    host(host) {
      const summary = summariseHost(host);
      if (summary !== undefined) tell(summary);
    },
    follow(engine) {
      engine.subscribe((event) => {
        if (event.type !== 'status') return;
        // That there is an engine is told at once: what closing the window does depends on it.
        const isFirst = latest === undefined;
        latest = event.status;
        schedule(engine, isFirst ? 0 : PAUSE_MILLIS);
      }, 'status');
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The latest of each site. A site that has just gone has none. */
async function releasesOf(engine: HostedEngine, { sites }: Status): Promise<Release[]> {
  const lists = await Promise.all(
    sites.map(async ({ name: site }) => {
      try {
        return releaseSchema.array().parse(await engine.call('release.list', { site, limit: RELEASES_MAX }));
      } catch (error) {
        if (error instanceof AppError) return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}
