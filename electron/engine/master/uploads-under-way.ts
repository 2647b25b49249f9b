import type { Place } from '../core/resumption.ts';

/** The uploads of one site that send a whole file, or go on with what is left of one, by a key of account and path. */
export class UploadsUnderWay {
  /** Those of one key in the order in which they began. None of these sets is empty. */
  readonly #all = new Map<string, Set<UploadUnderWay>>();

  begin(key: string): UploadUnderWay {
    const all = this.#all.get(key) ?? new Set();
    this.#all.set(key, all);
    const begun = new UploadUnderWay(all, () => {
      if (all.size === 0 && this.#all.get(key) === all) this.#all.delete(key);
    });
    all.add(begun);
    return begun;
  }

  /** Whether there is one, `besides` this one. */
  has(key: string, besides?: UploadUnderWay): boolean {
    const all = this.#all.get(key);
    return all !== undefined && all.size > (besides && all.has(besides) ? 1 : 0);
  }

  giveUp(key: string): void {
    for (const each of this.#all.get(key) ?? []) each.giveUp();
  }
}

export class UploadUnderWay {
  readonly #all: Set<UploadUnderWay>;
  readonly #onEnded: () => void;
  #isOvertaken = false;
  #lingers = false;
  #onOvertaken: (() => void) | undefined;

  /** `all`: those of the same account and path, this one included. */
  constructor(all: Set<UploadUnderWay>, onEnded: () => void) {
    this.#all = all;
    this.#onEnded = onEnded;
  }

  /** Its account has begun again since: nobody goes on from what is left of it. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  get place(): Exclude<Place, 'adding'> {
    if (!this.#isOvertaken) return 'current';
    return [...this.#all].at(-1) === this ? 'given-up' : 'overtaken';
  }

  /** `overtaken` is called once: at once where that has happened already. */
  onOvertaken(overtaken: () => void): void {
    this.#onOvertaken = overtaken;
    if (this.#isOvertaken) overtaken();
  }

  /** It takes bytes now, so its account has given up those that began before it, though their connections may still stand. */
  overtakeEarlier(): void {
    for (const other of this.#all) {
      if (other === this) break;
      other.giveUp();
    }
  }

  giveUp(): void {
    if (this.#isOvertaken) return;
    this.#isOvertaken = true;
    this.#onOvertaken?.();
    if (!this.#lingers) return;
    this.#lingers = false;
    this.end();
  }

  /** No file can say what is left of it. So it counts as under way beyond its end, until its account replaces, renames or deletes the file. */
  linger(): void {
    this.#lingers = !this.#isOvertaken;
  }

  /** What is left of it has its name, or is gone. */
  end(): void {
    if (this.#lingers) return;
    this.#all.delete(this);
    this.#onEnded();
  }
}
