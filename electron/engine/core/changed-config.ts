import type { Config, SiteConfig } from '../../../shared/contract/config.ts';
import type { ConfigChanges, SiteChanges } from '../../../shared/contract/config-changes.ts';
import { defined } from './defined.ts';

/** The config as it is with these changes. Whether it holds together is for its schema to say. */
export function changedConfig(before: Config, { node, ftp, link, console, historyDays }: ConfigChanges): Config {
  const { link: linkBefore, ftp: ftpBefore, ...rest } = before;
  const linkAfter = link === undefined ? linkBefore : (link ?? undefined);
  const ftpAfter = ftpBefore && ftp ? changedFtp(ftpBefore, ftp) : ftpBefore;
  return {
    ...rest,
    node: { ...rest.node, ...node },
    ...(ftpAfter && { ftp: ftpAfter }),
    ...(linkAfter && { link: linkAfter }),
    ...(console && { console }),
    ...(historyDays !== undefined && { historyDays }),
  };
}

/** The config without what was changed from `before` to `after`, as far as it still says so. */
export function withoutChange(config: Config, before: Config, after: Config): Config {
  const of = <K extends keyof Config>(key: K): Config[K] =>
    JSON.stringify(config[key]) === JSON.stringify(after[key]) ? before[key] : config[key];
  return defined({
    ...config,
    node: of('node'),
    ftp: of('ftp'),
    link: of('link'),
    console: of('console'),
    historyDays: of('historyDays'),
  });
}

function changedFtp(
  before: NonNullable<Config['ftp']>,
  { passive = {}, limits = {}, ...own }: NonNullable<ConfigChanges['ftp']>,
): NonNullable<Config['ftp']> {
  const { address: known, ...range } = before.passive;
  const { address, ...ports } = passive;
  const addressAfter = address === undefined ? known : (address ?? undefined);
  return {
    ...before,
    ...given(own),
    passive: { ...range, ...given(ports), ...(addressAfter !== undefined && { address: addressAfter }) },
    limits: { ...before.limits, ...given(limits) },
  };
}

export function changedSite(
  before: SiteConfig,
  { versions = {}, links = {}, multicast, ...own }: SiteChanges,
): SiteConfig {
  const { multicast: known, ...rest } = before;
  const { ttl = 1, ...group } = multicast ?? {};
  const announced = multicast === undefined ? known : multicast === null ? undefined : { ...multicast, ...group, ttl };
  return {
    ...rest,
    ...given(own),
    versions: { ...before.versions, ...given(versions) },
    links: { ...before.links, ...given(links) },
    ...(announced && { multicast: announced }),
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that have no value. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
