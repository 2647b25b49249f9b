import { isIP, isIPv6 } from 'node:net';
import { hostname } from 'node:os';

/** The host as it stands in a URL that works on this machine: an address that means "all of them" becomes loopback. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

/**
 * True when a browser cannot have been brought to send this Host header by DNS rebinding: that needs a name of the
 * attacker's, so addresses, `localhost`, this machine's name and the host of the config are safe. Any port is, for tunnels.
 */
export function isOwnHost(header: string | undefined, configHost: string): boolean {
  const url = header === undefined ? null : URL.parse(`https://${header}`);
  if (!url || url.host.toLowerCase() !== header?.toLowerCase().replace(/:443$/, '')) return false;
  const name = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return isIP(name) !== 0 || [configHost.toLowerCase(), 'localhost', hostname().toLowerCase()].includes(name);
}
