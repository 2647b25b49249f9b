import type { Collector } from './collector.ts';

/** Collects the icons, screenshots, shortcuts and start page of a web application manifest. What is no JSON or of another shape holds nothing. */
export function collectManifest(source: string, collector: Collector): void {
  const manifest = parse(source);
  collector.add(text(manifest, 'start_url'), 'page');
  collectImages(manifest, 'icons', collector);
  collectImages(manifest, 'screenshots', collector);
  for (const shortcut of list(manifest, 'shortcuts')) {
    collector.add(text(shortcut, 'url'), 'page');
    collectImages(shortcut, 'icons', collector);
  }
}

function collectImages(owner: unknown, key: string, collector: Collector): void {
  for (const image of list(owner, key)) collector.add(text(image, 'src'), 'asset');
}

function parse(source: string): unknown {
  try {
    // V8 parses without recursion, and only three levels of the outcome are looked at: a deep document costs no more than a long one.
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function text(owner: unknown, key: string): string | undefined {
  const value = member(owner, key);
  return typeof value === 'string' ? value : undefined;
}

function list(owner: unknown, key: string): readonly unknown[] {
  const value = member(owner, key);
  return Array.isArray(value) ? value : [];
}

function member(owner: unknown, key: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, key) : undefined;
}
