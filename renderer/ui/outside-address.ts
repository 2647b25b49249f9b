/** What a person types as `HOST:PORT`, `[v6]:PORT`, or a host alone, whose port is then `usual`; undefined where it is none. */
export function parseOutside(text: string, usual: number): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]{1,253}))(?::(\d{1,5}))?$/i.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? usual : Number(match[3]);
  return host !== undefined && port > 0 && port <= 65_535 ? { host, port } : undefined;
}
