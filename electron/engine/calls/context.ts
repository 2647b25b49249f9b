import type { CallName, CallResult, calls } from '../../../shared/contract/calls.ts';
import type { SiteConfig } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Live } from '../live/live.ts';
import type { Master } from '../master/master.ts';
import type { PublishedSite } from '../master/published-site.ts';
import type { MirrorSite } from '../mirror/mirror-site.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Node } from '../install/node.ts';
import type { Publishing } from '../publishing/publishing.ts';
import type { StatusSources } from '../status/sources.ts';

/** What calls work on. */
export interface CallContext {
  readonly node: Node;
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  /** Absent at rest. */
  readonly live?: Live;
  readonly publishing: Publishing;
  readonly sources: () => StatusSources;
  /**
   * Brings what runs in step with the config and the peers after a call has changed them. A listener that cannot go where the config says
   * stays where it was; resolves why one of those `asked` for does.
   */
  readonly applied: (asked?: readonly ('ftp' | 'link' | 'console')[]) => Promise<AppError | undefined>;
  /** The address at which the console opens, with its token; null while it does not listen. Absent: nothing runs. */
  readonly signIn?: () => string | null;
  /** Lets an address or an account log in to the FTP server again. False: it is not locked out. Absent: nothing runs. */
  readonly unlock?: (who: string) => boolean;
  /** Dials a peer now, whatever the back-off says. Absent: nothing runs. */
  readonly dial?: (peer: string) => void;
}

/** The handlers of the calls `DOMAIN.…`. */
export type HandlersOf<Domain extends string> = {
  readonly [N in Extract<CallName, `${Domain}.${string}`>]: (
    params: (typeof calls)[N]['params']['_output'],
  ) => CallResult<N> | Promise<CallResult<N>>;
};

/** Throws `node.wrong-role`. */
export function publishing({ node, master }: CallContext): Master {
  node.require('master');
  if (!master) throw new TypeError('a master without its sites');
  return master;
}

/** Throws `node.wrong-role`. */
export function following({ node, mirror }: CallContext): Mirror {
  node.require('mirror');
  if (!mirror) throw new TypeError('a mirror without its sites');
  return mirror;
}

/** What mirrors report is written a moment later: what is shown has to hold all that `wait` and the status know. */
export function writeReports({ master }: CallContext): void {
  for (const { deliveries } of master?.sites() ?? []) deliveries.flush();
}

/** The site that is named, or the only one. Throws `site.unknown`, `site.which`. */
export function chosenSite(names: readonly string[], given: string | undefined): string {
  const name = given ?? names[0];
  if (name === undefined || !names.includes(name)) throw new AppError('site.unknown', given ? { site: given } : {});
  if (given === undefined && names.length > 1) throw new AppError('site.which', { sites: names.join(', ') });
  return name;
}

/** The published site that is named, or the only one. Throws `node.wrong-role`, `site.unknown`, `site.which`. */
export function publishedSite(context: CallContext, given: string | undefined): PublishedSite {
  const master = publishing(context);
  const name = chosenSite(
    context.node.config.sites.map((site) => site.name),
    given,
  );
  requireOpen(context, name);
  return master.site(name);
}

/** The followed site that is named, or the only one. Throws `node.wrong-role`, `site.unknown`, `site.which`. */
export function followedSite(context: CallContext, given: string | undefined): MirrorSite {
  const mirror = following(context);
  const name = chosenSite(siteNames(context), given);
  requireOpen(context, name);
  return mirror.site(name);
}

/** One that could not be opened says why. */
function requireOpen({ sources }: CallContext, name: string): void {
  const fault = sources().siteFaults.get(name);
  if (fault) throw AppError.fromJSON(fault.toJSON());
}

/** What this install publishes, or follows. */
export function siteNames({ node }: CallContext): string[] {
  const { node: own, sites, follows } = node.config;
  return own.role === 'master' ? sites.map(({ name }) => name) : follows.map(({ site }) => site);
}

/** Changes one site's part of the config, and brings what runs in step with it. What `change` throws leaves all as it is. */
export async function editSite(
  context: CallContext,
  given: string | undefined,
  change: (site: SiteConfig) => SiteConfig,
): Promise<PublishedSite> {
  const { name } = publishedSite(context, given);
  await context.node.edit((config) => {
    // Another process may have taken it out a moment ago.
    if (!config.sites.some((site) => site.name === name)) throw new AppError('site.unknown', { site: name });
    return { ...config, sites: config.sites.map((site) => (site.name === name ? change(site) : site)) };
  });
  await context.applied();
  return publishing(context).site(name);
}
