import { FIRST_BUFFER_BYTES, giveBuffer, LARGE_BUFFER_BYTES, takeBuffer } from './buffers.ts';

/** A buffer with less room than this counts as full: it is not worth another read. */
const ROOM_MIN = 16 * 1024;

interface Slot {
  readonly buffer: Buffer;
  filled: number;
  taken: number;
}

/**
 * Where the bytes of one file land in the order in which they come, until they have been written: in a few buffers that are used
 * again. Either a socket reads into `room` and tells by `landed`, or what was read elsewhere is `put`.
 */
export class Landing {
  readonly #heldMax: number;
  /** In the order in which they are filled; of the last there may be room. */
  readonly #slots: Slot[] = [];
  readonly #spare: Buffer[] = [];
  #filling: Slot | undefined;
  /** Bytes of the first buffer; undefined: there has been one. */
  #firstBytes: number | undefined;
  #held = 0;
  #waiting = 0;
  #taken = 0;

  /** `heldMax`: bytes that are in use when it counts as full; `most`: those that will come, where that is known. */
  constructor(heldMax: number, most = FIRST_BUFFER_BYTES) {
    this.#heldMax = heldMax;
    this.#firstBytes = Math.min(most, FIRST_BUFFER_BYTES);
  }

  /** Where the next bytes go. It stays the same until they have landed. */
  get room(): Buffer {
    const { buffer, filled } = (this.#filling ??= this.#open());
    return filled === 0 ? buffer : buffer.subarray(filled);
  }

  /** Nothing more should come before something has been released. */
  get isFull(): boolean {
    return this.#held >= this.#heldMax;
  }

  /** Bytes that have come and have not been taken yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** So many bytes have come to the beginning of `room`. */
  landed(bytes: number): void {
    const slot = (this.#filling ??= this.#open());
    slot.filled += bytes;
    this.#held += bytes;
    this.#waiting += bytes;
    if (slot.buffer.length - slot.filled < ROOM_MIN) this.#filling = undefined;
  }

  put(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const bytes = piece.copy(this.room, 0, at);
      this.landed(bytes);
      at += bytes;
    }
  }

  /** The next bytes; undefined: there are none. They are to be released before more is taken. */
  take(): Buffer | undefined {
    const [slot] = this.#slots;
    if (!slot || this.#waiting === 0) return undefined;
    const bytes = slot.buffer.subarray(slot.taken, slot.filled);
    slot.taken = slot.filled;
    this.#waiting -= bytes.length;
    this.#taken = bytes.length;
    return bytes;
  }

  /** What was taken is not needed any more. */
  release(): void {
    this.#held -= this.#taken;
    this.#taken = 0;
    const [slot] = this.#slots;
    if (!slot || slot === this.#filling || slot.taken < slot.filled) return;
    this.#slots.shift();
    if (slot.buffer.length === LARGE_BUFFER_BYTES) this.#spare.push(slot.buffer);
  }

  /** All that came has been released, and nothing reads into `room` any more. */
  end(): void {
    for (const { buffer } of this.#slots.splice(0)) giveBuffer(buffer);
    for (const buffer of this.#spare.splice(0)) giveBuffer(buffer);
    this.#filling = undefined;
  }

  #open(): Slot {
    const first = this.#firstBytes;
    this.#firstBytes = undefined;
    const slot: Slot = { buffer: this.#bufferOf(first), filled: 0, taken: 0 };
    this.#slots.push(slot);
    return slot;
  }

  #bufferOf(first: number | undefined): Buffer {
    if (first === undefined) return this.#spare.pop() ?? takeBuffer(LARGE_BUFFER_BYTES);
    return first === FIRST_BUFFER_BYTES ? takeBuffer(FIRST_BUFFER_BYTES) : Buffer.allocUnsafe(first);
  }
}
