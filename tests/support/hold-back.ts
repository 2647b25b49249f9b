import type { TestMirror } from './master-and-mirror.ts';

/** What the mirror is told from now on comes at once, when `letGo` is called: as on a busy machine. */
export function holdBack(mirror: TestMirror): { readonly letGo: () => void; readonly held: () => number } {
  const { site } = mirror;
  const receive = site.receive.bind(site);
  const held: Parameters<typeof receive>[] = [];
  site.receive = (...message) => void held.push(message);
  return {
    held: () => held.length,
    letGo: () => {
      site.receive = receive;
      for (const message of held) receive(...message);
    },
  };
}
