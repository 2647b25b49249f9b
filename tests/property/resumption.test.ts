import { array, assert, boolean, constant, constantFrom, nat, oneof, option, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideRemains,
  decideStart,
  type Found,
  NOTHING_FOUND,
  type Place,
  type Wanted,
} from '../../electron/engine/core/resumption.ts';

const bytes = oneof(nat(4), nat());
const wantedOf = oneof(constant<Wanted>('all'), bytes);
const found = record({
  file: option(bytes, { nil: undefined }),
  part: option(bytes, { nil: undefined }),
  isUnderWay: boolean(),
  fileBeginsPart: boolean(),
});

test('an upload begins with just the bytes that are asked for, of something that has them, or is refused', () => {
  assert(
    property(wantedOf, found, (wanted, there) => {
      const start = decideStart(wanted, there);
      if ('refused' in start) {
        expect(wanted).not.toBe(0);
        if (start.refused === 'too-short') expect(wanted).toBeGreaterThan(start.bytes);
        return;
      }
      const has = { nothing: 0, part: there.part, file: there.file }[start.from];
      expect(start.bytes).toBe(wanted === 'all' ? has : wanted);
      expect(start.bytes).toBeLessThanOrEqual(has ?? -1);
    }),
  );
});

test('a file that may be another version is not gone on from', () => {
  assert(
    property(wantedOf, found, (wanted, there) => {
      const start = decideStart(wanted, there);
      if ('refused' in start || start.from !== 'file') return;
      if (there.part !== undefined) expect([wanted, there.fileBeginsPart]).toEqual(['all', true]);
      else expect(there.isUnderWay).toBe(false);
    }),
  );
});

test.each<[Place, string[]]>([
  ['current', ['part', 'part', 'mark', 'nothing']],
  ['given-up', ['mark', 'nothing', 'mark', 'nothing']],
  ['overtaken', ['nothing', 'nothing', 'nothing', 'nothing']],
  ['adding', ['nothing', 'nothing', 'nothing', 'nothing']],
])('what is left of an upload that is %s', (place, expected) => {
  const cases = [true, false].flatMap((isReliable) =>
    [true, false].map((mayBeOther) => decideRemains(place, { isReliable, mayBeOther })),
  );
  expect(cases).toEqual(expected);
});

interface Sent {
  /** All that its client has to send. */
  readonly version: string;
  readonly adds: boolean;
  readonly wentOnFrom: string | undefined;
  /** It is published only where that is what is there. */
  readonly isBound: boolean;
  bytes: string;
  isOvertaken: boolean;
}

/** One path, and the uploads of one account to it; as the folder of incoming files holds them, where it may be listed at any time. */
class Model {
  file: string | undefined;
  part: string | undefined;
  underWay: Sent[] = [];
  /** What the account has been sending last as a whole. Undefined: it has been told since that a file is published, or that another is there, and goes on with nothing. */
  version: string | undefined;
  #versions = 0;
  #isGivenUp = false;

  /** Each version has its own letter: what is of two shows. The file that is there is not the account's. */
  constructor(old: number) {
    this.file = old === 0 ? undefined : '.'.repeat(old);
  }

  begin(wanted: Wanted, length: number): void {
    if (wanted === 0) {
      this.version = String.fromCodePoint(97 + this.#versions++).repeat(length);
      this.#isGivenUp = false;
    }
    const version = this.version;
    if (version === undefined || (wanted !== 'all' && wanted > version.length)) return;
    const { file, part } = this;
    const whole = this.underWay.filter(({ adds }) => !adds);
    const there: Found = {
      file: file?.length,
      part: part?.length,
      isUnderWay: whole.length > 0,
      fileBeginsPart: file !== undefined && part?.startsWith(file) === true,
    };
    const start = decideStart(wanted, wanted === 0 ? NOTHING_FOUND : there);
    if ('refused' in start) return;
    const kept = { nothing: '', part, file }[start.from]?.slice(0, start.bytes) ?? '';
    if (start.from === 'part' || wanted === 0) this.part = undefined;
    const adds = wanted === 'all' && start.from === 'file';
    if (!adds) for (const each of whole) each.isOvertaken = true;
    const isBound = wanted === 'all' || start.from === 'file';
    // A client that adds knows what there is from SIZE, and has nothing more to add where that is all.
    const wentOnFrom = isBound ? file : undefined;
    this.underWay.push({
      version: kept + version.slice(kept.length),
      adds,
      wentOnFrom,
      isBound,
      bytes: kept,
      isOvertaken: false,
    });
  }

  receive(which: number, count: number): void {
    const upload = this.#at(which);
    if (upload) upload.bytes = upload.version.slice(0, upload.bytes.length + count);
  }

  breakOff(which: number, isOnDisk: boolean): void {
    const upload = this.#at(which);
    if (!upload) return;
    const remains = decideRemains(this.#placeOf(upload), {
      isReliable: isOnDisk && upload.bytes !== '',
      mayBeOther: this.file === undefined || this.file !== upload.wentOnFrom,
    });
    this.underWay = this.underWay.filter((each) => each !== upload);
    if (remains === 'part') this.part = upload.bytes;
    if (remains === 'mark') this.part ??= '';
  }

  complete(which: number): string | undefined {
    const upload = this.#at(which);
    if (!upload) return undefined;
    this.underWay = this.underWay.filter((each) => each !== upload);
    if (!upload.isOvertaken) this.part = undefined;
    this.version = undefined;
    if (upload.isBound && upload.wentOnFrom !== this.file) return undefined;
    this.file = upload.version;
    return this.file;
  }

  /** Another account's, of which this one knows nothing. */
  putOther(length: number): void {
    this.file = '.'.repeat(length);
    if (this.#isGivenUp) this.version = undefined;
  }

  /** Whoever does so goes on with nothing that it has sent before. */
  remove(): void {
    this.#isGivenUp = true;
    this.file = undefined;
    this.part = undefined;
    for (const each of this.underWay) each.isOvertaken = true;
  }

  #at(which: number): Sent | undefined {
    return this.underWay[which % this.underWay.length];
  }

  #placeOf(upload: Sent): Place {
    if (upload.adds) return 'adding';
    if (!upload.isOvertaken) return 'current';
    return this.underWay.filter(({ adds }) => !adds).at(-1) === upload ? 'given-up' : 'overtaken';
  }
}

const begin = record({
  do: constant('begin' as const),
  wanted: oneof(constantFrom<Wanted>(0, 'all'), nat(5)),
  length: nat(5),
});
const goOn = record({
  do: constantFrom('receive' as const, 'break' as const, 'complete' as const),
  which: nat(2),
  count: nat(3),
});
const step = oneof(
  { weight: 6, arbitrary: begin },
  { weight: 9, arbitrary: goOn },
  { weight: 1, arbitrary: constant({ do: 'remove' as const }) },
  { weight: 1, arbitrary: record({ do: constant('other' as const), length: nat(5) }) },
);

test('whatever breaks off, and in whatever order, a file is never made of two versions', () => {
  assert(
    property(nat(4), array(step, { minLength: 1, maxLength: 25, size: 'max' }), (old, steps) => {
      const model = new Model(old);
      for (const each of steps) {
        if (each.do === 'begin') model.begin(each.wanted, each.length);
        else if (each.do === 'receive') model.receive(each.which, each.count);
        else if (each.do === 'break') model.breakOff(each.which, each.count > 0);
        else if (each.do === 'remove') model.remove();
        else if (each.do === 'other') model.putOther(each.length);
        else expect(new Set(model.complete(each.which)).size).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 5_000 },
  );
});
