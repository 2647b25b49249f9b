import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'basic-ftp';

export interface LinkedSite {
  readonly folders: readonly string[];
  /** Path → content. All files of a generation carry its number: see `stampOf`. Every link of it leads to a file of it. */
  generation(number: number): Files;
}

export type Files = ReadonlyMap<string, string>;

export interface LinkedSiteOptions {
  readonly seed: number;
  readonly pages: number;
  /** Style sheets, images and fonts. */
  readonly assets: number;
  /** Files come, go and are renamed from one generation to the next. */
  readonly moves: boolean;
}

export const HOST = 'www.example.org';
const SECTIONS = 10;
const LINKS = 8;

type Kind = 'page' | 'css' | 'png' | 'woff2';

/** The same file through the generations, whatever it is called. */
interface Slot {
  readonly kind: Kind;
  readonly name: string;
  /** Entries of sections, and what others are sure to find. */
  readonly stays: boolean;
}

/** A site of pages, style sheets, images and fonts that link to each other in all the ways that browsers know. */
export function linkedSite({ seed, pages, assets, moves }: LinkedSiteOptions): LinkedSite {
  const slots = [...pageSlots(pages), ...assetSlots(assets)];
  const folders = [...new Set(slots.map(({ name }) => posix.dirname(name)))].filter((name) => name !== '.').toSorted();
  const nameAt = (slot: Slot, generation: number): string | undefined => {
    if (!moves || slot.stays) return slot.name;
    if (chance(`${seed} gone ${slot.name} ${generation}`) < 0.03) return undefined;
    let renamed = 0;
    for (let at = 1; at <= generation; at += 1) if (chance(`${seed} renamed ${slot.name} ${at}`) < 0.08) renamed += 1;
    const { dir, name, ext } = posix.parse(slot.name);
    return renamed === 0 ? slot.name : posix.join(dir, `${name}-${renamed}${ext}`);
  };
  const generation = (number: number): Files => {
    const there = slots.flatMap((slot) => {
      const name = nameAt(slot, number);
      return name === undefined ? [] : [{ ...slot, name }];
    });
    const of = (...kinds: Kind[]) => there.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
    const [html, css, png, woff2] = [of('page'), of('css'), of('png'), of('woff2')];
    const write = ({ kind, name }: Slot): string => {
      const pick = picker(`${seed} ${name} ${number}`);
      switch (kind) {
        case 'page':
          return page(name, number, { html: pick(html, LINKS), css: pick(css, 2), png: pick(png, 4) });
        case 'css':
          // Imports lead to later sheets only: no circles.
          return sheet(name, number, {
            css: pick(css.slice(css.indexOf(name) + 1), 1),
            png: pick(png, 2),
            woff2: pick(woff2, 1),
          });
        case 'png':
        case 'woff2':
          return stamp(number);
      }
    };
    return new Map(there.map((slot) => [slot.name, write(slot)]));
  };
  return { folders, generation };
}

/** The generation that a content is of; undefined: none of these files. */
export function stampOf(content: string): number | undefined {
  const found = /generation (\d{8})/.exec(content)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * Brings a site from one generation to the next as careless publishers do: everything in random order, with deletes and
 * renames of what pages still link to. Both generations are whole; what is in between is not.
 */
export async function republish(
  client: Client,
  before: Files,
  after: Files,
  random: () => number = Math.random,
): Promise<void> {
  const put = (path: string) => () =>
    client.uploadFrom(Readable.from([after.get(path) ?? ''], { objectMode: false }), path);
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const renames = new Map(
    gone.flatMap((from) => {
      const to = [...after.keys()].find((path) => !before.has(path) && slotName(path) === slotName(from));
      return to !== undefined && random() < 0.5 ? [[to, from] as const] : [];
    }),
  );
  const renamed = new Set(renames.values());
  // The actions of one chain come in their order.
  const chains = [
    ...[...after.keys()].map((path) => {
      const from = renames.get(path);
      return from === undefined ? [put(path)] : [() => client.rename(from, path), put(path)];
    }),
    ...gone.filter((path) => !renamed.has(path)).map((path) => [() => client.remove(path)]),
  ];
  while (chains.length > 0) {
    const index = Math.floor(random() * chains.length);
    const [chain] = chains.splice(index, 1);
    const action = chain?.shift();
    await action?.();
    if (chain && chain.length > 0) chains.push(chain);
  }
}

function pageSlots(count: number): Slot[] {
  return Array.from({ length: count }, (_, index): Slot => {
    if (index === 0) return { kind: 'page', name: 'index.html', stays: true };
    const section = index % SECTIONS;
    if (index <= SECTIONS) return { kind: 'page', name: `s${section}/index.html`, stays: true };
    return { kind: 'page', name: index % 3 === 0 ? `p${index}.html` : `s${section}/p${index} é.html`, stays: false };
  });
}

function assetSlots(count: number): Slot[] {
  return Array.from({ length: count }, (_, index): Slot => {
    const stays = index < 8;
    switch (index % 4) {
      case 0:
        return { kind: 'css', name: `assets/c${String(index).padStart(3, '0')}.css`, stays };
      case 1:
        return { kind: 'woff2', name: `assets/fonts/f${index}.woff2`, stays };
      default:
        return { kind: 'png', name: `assets/img/i${index}.png`, stays };
    }
  });
}

interface Targets {
  readonly html?: readonly string[];
  readonly css: readonly string[];
  readonly png: readonly string[];
  readonly woff2?: readonly string[];
}

function page(name: string, number: number, { html = [], css, png }: Targets): string {
  const url = urls(name);
  const [first = '', ...others] = png;
  return [
    `<!doctype html><!-- ${stamp(number)} --><title>${name}</title>`,
    ...css.map((sheetName) => `<link rel="stylesheet" href="${url(sheetName)}">`),
    `<div style="background: url('${url(first)}')"></div>`,
    `<img src="${url(first)}" srcset="${others.map((image, index) => `${url(image)} ${index + 1}x`).join(', ')}">`,
    ...html.map((other, index) => `<a href="${url(other)}${['', '?q=1', '#top', ''][index % 4]}">${index}</a>`),
  ].join('\n');
}

function sheet(name: string, number: number, { css, png, woff2 = [] }: Targets): string {
  const url = urls(name);
  return [
    `/* ${stamp(number)} */`,
    ...css.map((other) => `@import "${url(other)}";`),
    ...woff2.map((font) => `@font-face { font-family: f; src: url(${url(font)}) }`),
    ...png.map((image, index) => `.i${index} { background: url("${url(image)}") }`),
  ].join('\n');
}

/** Relative, from the root, or with the host, in turn; an index file as its folder. */
function urls(from: string): (path: string) => string {
  let turn = 0;
  return (path) => {
    const named = path.endsWith('index.html') ? path.slice(0, -'index.html'.length) : path;
    const encoded = encodeURI(named);
    turn += 1;
    if (turn % 3 === 0) return `/${encoded}`;
    if (turn % 5 === 0) return `https://${HOST}/${encoded}`;
    const relative = posix.relative(posix.dirname(from), named);
    return relative === '' ? './' : encodeURI(named.endsWith('/') ? `${relative}/` : relative);
  };
}

function stamp(number: number): string {
  return `generation ${String(number).padStart(8, '0')}`;
}

function slotName(path: string): string {
  const { dir, name, ext } = posix.parse(path);
  return posix.join(dir, `${name.replace(/-\d+$/, '')}${ext}`);
}

/** Between 0 and 1, always the same for the same key. */
function chance(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE() / 2 ** 32;
}

/** A few of many, without doubles. */
function picker(key: string): (from: readonly string[], count: number) => string[] {
  let turn = 0;
  return (from, count) => {
    const picked = new Set<string>();
    for (let tries = 0; tries < count && from.length > 0; tries += 1) {
      const one = from[Math.floor(chance(`${key} ${turn++}`) * from.length)];
      if (one !== undefined) picked.add(one);
    }
    return [...picked];
  };
}

/** Numbers between 0 and 1 that a seed gives again (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
