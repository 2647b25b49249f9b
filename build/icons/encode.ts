import { crc32, deflateSync } from 'node:zlib';

/** Rows from top to bottom, four bytes a pixel: red, green, blue, alpha, not premultiplied. */
export interface Pixels {
  readonly size: number;
  readonly rgba: Uint8Array;
}

/** PNG (ISO/IEC 15948), eight bits a channel with alpha. */
export function png({ size, rgba }: Pixels): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Bit depth 8, colour type 6 (RGBA), deflate, adaptive filters, not interlaced.
  header.set([8, 6, 0, 0, 0], 8);
  const stride = size * 4;
  const rows = Buffer.alloc((stride + 1) * size);
  for (let y = 0; y < size; y += 1) {
    // Filter 2 (up): each row as its difference from the one above, which is what a gradient needs.
    rows[y * (stride + 1)] = 2;
    for (let x = 0; x < stride; x += 1) {
      const above = y === 0 ? 0 : byteAt(rgba, (y - 1) * stride + x);
      rows[y * (stride + 1) + 1 + x] = (byteAt(rgba, y * stride + x) - above) & 0xff;
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** A Windows icon: sizes below 256 as bitmaps, which everything reads, 256 as PNG. */
export function ico(images: readonly Pixels[]): Buffer {
  const bodies = images.map((image) => (image.size < 256 ? bitmap(image) : png(image)));
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  images.forEach(({ size }, index) => {
    const at = 6 + 16 * index;
    const { length } = bodies[index] ?? Buffer.alloc(0);
    // 0 stands for 256.
    directory.writeUInt8(size % 256, at);
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += length;
  });
  return Buffer.concat([directory, ...bodies]);
}

/** What macOS calls its sizes, once for each density; all of them may be PNG. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic13', 256],
  ['ic09', 512],
  ['ic14', 512],
  ['ic10', 1024],
];

/** An icon of macOS from images that hold all its sizes: 16, 32, 64, 128, 256, 512, 1024. */
export function icns(images: readonly Pixels[]): Buffer {
  const entries = ICNS_TYPES.map(([type, size]) => {
    const image = images.find((each) => each.size === size);
    if (!image) throw new RangeError(`an icon of macOS needs ${size} × ${size}`);
    return block(type, png(image));
  });
  return block('icns', Buffer.concat(entries));
}

function block(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(head.length + body.length, 4);
  return Buffer.concat([head, body]);
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** BITMAPINFOHEADER with twice the height (colours, then a mask that alpha makes unneeded), rows from bottom to top. */
function bitmap({ size, rgba }: Pixels): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  header.writeInt32LE(size * 2, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const colours = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const from = ((size - 1 - y) * size + x) * 4;
      const [red, green, blue, alpha] = [0, 1, 2, 3].map((part) => byteAt(rgba, from + part));
      colours.set([blue ?? 0, green ?? 0, red ?? 0, alpha ?? 0], (y * size + x) * 4);
    }
  }
  const maskStride = Math.ceil(size / 32) * 4;
  return Buffer.concat([header, colours, Buffer.alloc(maskStride * size)]);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
