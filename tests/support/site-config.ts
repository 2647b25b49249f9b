import { config, type SiteConfig } from '../../shared/contract/config.ts';

/** A site as it stands in the config of a master, with the defaults for all else. */
export function siteConfig(name: string, root: string, over: Partial<SiteConfig> = {}): SiteConfig {
  const ftp = { host: '127.0.0.1', port: 0, tls: 'required' };
  const node = { name: 'origin', role: 'master' };
  const [site] = config.parse({ version: 1, node, ftp, sites: [{ name, root, ...over }] }).sites;
  if (!site) throw new Error('no site');
  return site;
}
