/** From where an address can be reached, as far as its form tells: this machine only, its own network, or anywhere. */
export type Reach = 'loopback' | 'private' | 'public';

/** `address`: `host:port` or `[v6]:port`. A name counts as public where it has a domain that is not for one network only. */
export function reachOf(address: string): Reach {
  const host = address
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return 'loopback';
  const v4 = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(host);
  if (v4) return isPrivateV4(Number(v4[1]), Number(v4[2])) ? 'private' : 'public';
  // Unique local and link-local (RFC 4193, RFC 4291 §2.5.6).
  if (host.includes(':')) return /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(host) ? 'private' : 'public';
  return /\.(?!(?:local|lan|home|internal|home\.arpa)$)[^.]+$/.test(host) ? 'public' : 'private';
}

/** The address that reaches furthest, the first of its kind; undefined where there is none. */
export function furthest(addresses: readonly string[]): { address: string; reach: Reach } | undefined {
  const known = addresses.map((address) => ({ address, reach: reachOf(address) }));
  for (const reach of ['public', 'private', 'loopback'] as const) {
    const found =
      known.find((each) => each.reach === reach && !isBareName(each.address)) ??
      known.find((each) => each.reach === reach);
    if (found) return found;
  }
  return undefined;
}

/** RFC 1918, link-local, and the addresses that providers and overlay networks share (RFC 6598). */
function isPrivateV4(first: number, second: number): boolean {
  if (first === 10) return true;
  if (first === 172) return second >= 16 && second <= 31;
  if (first === 192) return second === 168;
  if (first === 169) return second === 254;
  return first === 100 && second >= 64 && second <= 127;
}

/** A machine's own name, which others may not know. */
function isBareName(address: string): boolean {
  return /^[^.:[\]]*[a-z][^.:[\]]*:\d+$/i.test(address);
}
