/** How well a name fits what was typed, and which of its characters were meant. */
export interface Match {
  /** The less the better. */
  readonly cost: number;
  /** Indexes into the name. */
  readonly marks: readonly number[];
}

/** Costs of a word: at the start, at the start of a word, within one, by first letters, and letters with gaps. */
const COSTS = { start: 0, word: 1, within: 3, initials: 4, gaps: 8 } as const;
/** Letters of one word with others between them: of fewer than these nearly everything would fit. */
const GAPS_FROM = 3;

/**
 * Each word that was typed must be there: as it stands, by the first letters of words ("mpc" for "Make a pairing code"), or with
 * its letters in that order. Upper and lower case and full-width forms are the same. Undefined: it does not fit.
 */
export function matchName(name: string, typed: string): Match | undefined {
  const text = folded(name);
  const words = fold(typed)
    .split(/\s+/)
    .filter((word) => word !== '');
  let cost = 0;
  const marks = new Set<number>();
  for (const word of words) {
    const found = findWord(text, Array.from(word));
    if (!found) return undefined;
    cost += found.cost;
    for (const at of found.marks) marks.add(text.origin[at] ?? 0);
  }
  return { cost, marks: [...marks].sort((one, other) => one - other) };
}

/** Consecutive characters that are marked alike, in order: what is shown. */
export function markedParts(name: string, marks: readonly number[]): { text: string; marked: boolean }[] {
  const marked = new Set(marks);
  const parts: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const character of name) {
    const isMarked = marked.has(at);
    const last = parts.at(-1);
    if (last?.marked === isMarked) last.text += character;
    else parts.push({ text: character, marked: isMarked });
    at += character.length;
  }
  return parts;
}

interface Folded {
  readonly characters: readonly string[];
  /** Of each of them its index in the name. */
  readonly origin: readonly number[];
  /** Whether a word begins there. */
  readonly begins: readonly boolean[];
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function folded(name: string): Folded {
  const characters: string[] = [];
  const origin: number[] = [];
  const begins: boolean[] = [];
  let at = 0;
  let before = ' ';
  for (const character of name) {
    for (const each of fold(character)) {
      characters.push(each);
      origin.push(at);
      begins.push(!isWordPart(before) || (isUpper(character) && !isUpper(before)));
    }
    before = character;
    at += character.length;
  }
  return { characters, origin, begins };
}

function findWord(text: Folded, word: readonly string[]): Match | undefined {
  const { begins } = text;
  const places = text.characters.flatMap((_, at) => (hasAt(text, word, at) ? [at] : []));
  const best = places.find((at) => begins[at]) ?? places[0];
  if (best !== undefined) {
    const cost = best === 0 ? COSTS.start : begins[best] ? COSTS.word : COSTS.within;
    return { cost, marks: word.map((_, index) => best + index) };
  }
  const initials = inOrder(text, word, (at) => begins[at] === true);
  if (initials) return { cost: COSTS.initials, marks: initials };
  const gaps = word.length < GAPS_FROM ? undefined : withGaps(text, word);
  return gaps && { cost: COSTS.gaps + (gaps.at(-1) ?? 0) - (gaps[0] ?? 0), marks: gaps };
}

/** Within one word, from its beginning on. */
function withGaps(text: Folded, word: readonly string[]): number[] | undefined {
  for (const [start, begins] of text.begins.entries()) {
    if (!begins || text.characters[start] !== word[0]) continue;
    const end = text.characters.findIndex((character, at) => at > start && !isWordPart(character));
    const within = inOrder(text, word, (at) => at >= start && (end < 0 || at < end));
    if (within) return within;
  }
  return undefined;
}

function hasAt({ characters }: Folded, word: readonly string[], at: number): boolean {
  return word.every((character, index) => characters[at + index] === character);
}

function inOrder({ characters }: Folded, word: readonly string[], may: (at: number) => boolean): number[] | undefined {
  const marks: number[] = [];
  let at = 0;
  for (const character of word) {
    while (at < characters.length && !(characters[at] === character && may(at))) at += 1;
    if (at === characters.length) return undefined;
    marks.push(at);
    at += 1;
  }
  return marks;
}

function isWordPart(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

function isUpper(character: string): boolean {
  return /\p{Lu}/u.test(character);
}
