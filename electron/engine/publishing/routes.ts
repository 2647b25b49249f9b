import type { Millis } from '../../../shared/domain/change.ts';
import { childOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { IDENTITY_SERVER_NAME } from '../link/identity-name.ts';
import type { Identity } from '../link/identity.ts';
import type { OwnLogins } from '../master/own-logins.ts';
import { isCurrent } from '../master/served.ts';
import type { MasterSite } from '../master/site.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { Connection, type Endpoint } from './connection.ts';
import { FileWay, type TemporaryNames } from './file-way.ts';
import { ftpPlace } from './ftp-place.ts';
import type { Route } from './job.ts';
import { type Place, type PlaceEntry, UNKNOWN } from './place.ts';
import { ReleaseWay } from './release-way.ts';
import { baseAt, isLockstep } from './targets.ts';
import type { BegunNote, Way } from './way.ts';

const COMPARE_WIDTH = 4;

export interface OwnRouteOptions {
  readonly site: MasterSite;
  readonly bytesMax: number;
  readonly title: string;
  readonly logins: OwnLogins;
  /** The id of the drop. */
  readonly drop: string;
  /** Where this install's own FTP server listens. Rejects `node.not-running` where it does not. */
  readonly listener: () => Promise<{ host: string; port: number }>;
  readonly identity: Identity;
}

/** To a site of this master: over loopback and TLS to its own FTP server, which sees it as it sees every upload. */
export function ownRoute({ site, bytesMax, title, logins, drop, listener, identity }: OwnRouteOptions): Route {
  const login = logins.grant({ site: site.name, drop });
  const endpoint = async (): Promise<Endpoint> => {
    const { host, port } = await listener();
    const { user, password } = login;
    const trust = { by: 'fingerprint', fingerprint: identity.id } as const;
    const place = { host: reachable(host), port, serverName: IDENTITY_SERVER_NAME };
    return { ...place, protocol: 'ftps', user, password, trust };
  };
  let way: Way | undefined;
  return {
    look() {
      way ??= new ReleaseWay(endpoint, '', title);
      return Promise.resolve({
        way,
        place: sitePlace(site, bytesMax),
        width: COMPARE_WIDTH,
        end: () => Promise.resolve(),
      });
    },
    close: () => login.revoke(),
  };
}

export interface TargetRouteOptions {
  readonly endpoint: () => Promise<Endpoint>;
  readonly folder: string;
  readonly title: string;
  readonly names: TemporaryNames;
  /** What was begun before, and where it is written down. */
  readonly note: BegunNote;
}

/** To a saved target: a release where it is a Lockstep master, else file by file. */
export function targetRoute({ endpoint, folder, title, names, note }: TargetRouteOptions): Route {
  let way: Way | undefined;
  return {
    async look(signal) {
      const connection = await Connection.open(await endpoint(), signal);
      const base = baseAt(connection.home, folder);
      way ??= isLockstep(connection)
        ? new ReleaseWay(endpoint, base, title, note)
        : new FileWay(endpoint, base, names, note);
      return { way, place: ftpPlace(connection, base), width: 1, end: () => connection.end() };
    },
    close: () => undefined,
  };
}

/** Found when it is needed: what it leads to may not be there yet. */
export function laterRoute(open: () => Promise<Route>): Route {
  let route: Route | undefined;
  return {
    async look(signal) {
      route ??= await open();
      return route.look(signal);
    },
    close: () => route?.close(),
  };
}

/** A site as it stands, without a way round over FTP. */
function sitePlace(site: MasterSite, bytesMax: number): Place {
  const unseen = new Map<SitePath, AppError>();
  return {
    bytesMax,
    unseen: (folder) => unseen.get(folder),
    list: async (folder) => {
      const onUnseen = (name: string, cause: unknown): void => {
        const error = fileError(cause, childOf(folder, name));
        if (error instanceof AppError) unseen.set(folder, error);
      };
      try {
        const entries: PlaceEntry[] = [];
        for await (const { name, kind, size, mtime } of await site.list(folder, { onUnseen }))
          entries.push({ name, kind, size, mtime: mtime satisfies Millis });
        return entries;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    hash: async (path) => {
      try {
        const { size, mtime } = await site.stat(path);
        // What came into the site without FTP no mirror has been told of yet.
        const isKnown = isCurrent(site.journal.index.entry(path), { size, mtimeMs: mtime });
        return isKnown ? await site.hash(path) : UNKNOWN;
      } catch (error) {
        // Somebody has deleted it since it was listed.
        if (isNotFound(error)) return UNKNOWN;
        throw error;
      }
    },
  };
}

/** A listener on all addresses is reached by loopback, another by its own. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
