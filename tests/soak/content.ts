import { createHash } from 'node:crypto';

const HEAD = /^soak (\S+) (\d+)\n/u;
const BLOCK = 64;

/** A version of a file. Its first line names it and tells its size, so that whoever reads it can say whether it is whole. */
export function makeContent(id: string, size: number): Buffer {
  const head = Buffer.from(`soak ${id} ${size}\n`);
  const block = createHash('sha256').update(id).digest('hex');
  const body = Buffer.from(block.repeat(Math.ceil(Math.max(0, size - head.length) / BLOCK)));
  return Buffer.concat([head, body]).subarray(0, Math.max(size, head.length));
}

/** Nothing is missing, nothing is of another version. */
export function isWhole(content: Buffer): boolean {
  const [, id, size] = HEAD.exec(content.subarray(0, 200).toString('latin1')) ?? [];
  return id !== undefined && content.equals(makeContent(id, Number(size)));
}

export function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
