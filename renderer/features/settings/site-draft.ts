import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { SiteChanges } from '../../../shared/contract/config-changes.ts';

/** What is typed: numbers as they are written; versions in MB, times in seconds. */
export interface SiteDraft {
  readonly watch: boolean;
  readonly keepDays: string;
  readonly versionDays: string;
  readonly versionCount: string;
  readonly versionBytes: string;
  readonly linkWait: boolean;
  readonly linkMissing: string;
  readonly linkLate: string;
  readonly linkDeleted: string;
  readonly urls: string;
  readonly multicast: boolean;
  readonly group: string;
  readonly port: string;
  readonly interface: string;
  readonly ttl: string;
}

const MB = 1_000_000;

export function readSite({ watch, keepDays, versions, links, multicast }: SiteConfig): SiteDraft {
  return {
    watch,
    keepDays: String(keepDays),
    versionDays: String(versions.days),
    versionCount: String(versions.count),
    versionBytes: String(Math.round(versions.bytes / MB)),
    linkWait: links.wait,
    linkMissing: String(Math.round(links.missing / 1000)),
    linkLate: String(Math.round(links.late / 1000)),
    linkDeleted: String(Math.round(links.deleted / 1000)),
    urls: links.urls.join('\n'),
    multicast: multicast !== undefined,
    group: multicast?.group ?? '239.255.42.1',
    port: String(multicast?.port ?? 7788),
    interface: multicast?.interface ?? '',
    ttl: String(multicast?.ttl ?? 1),
  };
}

/** What was not typed anew stays what it was, to the byte and the millisecond. */
export function toSite(draft: SiteDraft, site: SiteConfig): SiteChanges {
  const before = readSite(site);
  const scaled = (key: keyof SiteDraft, scale: number, exact: number): number =>
    draft[key] === before[key] ? exact : Number(draft[key]) * scale;
  const at = draft.interface.trim();
  return {
    watch: draft.watch,
    keepDays: Number(draft.keepDays),
    versions: {
      days: Number(draft.versionDays),
      count: Number(draft.versionCount),
      bytes: scaled('versionBytes', MB, site.versions.bytes),
    },
    links: {
      wait: draft.linkWait,
      missing: scaled('linkMissing', 1000, site.links.missing),
      late: scaled('linkLate', 1000, site.links.late),
      deleted: scaled('linkDeleted', 1000, site.links.deleted),
      urls: draft.urls.split(/\s+/u).filter((url) => url !== ''),
    },
    multicast: draft.multicast
      ? {
          group: draft.group.trim(),
          port: Number(draft.port),
          ttl: Number(draft.ttl),
          ...(at !== '' && { interface: at }),
        }
      : null,
  };
}
