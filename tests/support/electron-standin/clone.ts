export interface Codec {
  encode(value: unknown): string;
  decode(text: string): unknown;
}

/**
 * Structured clone as text. The function stands alone: its source is also put into pages. A value that is not plain JSON
 * becomes an object with the key `$`, which names what it is.
 */
export function makeCodec(): Codec {
  type Tagged = { $: string; v?: unknown; c?: string; n?: string; k?: string | undefined };

  const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);
  const refuse = (value: unknown): never => {
    const error = new Error(`An object could not be cloned. (${typeof value})`);
    error.name = 'DataCloneError';
    throw error;
  };

  const encode = (root: unknown): string => {
    const seen = new Map<object, number>();
    const write = (value: unknown): unknown => {
      if (value === undefined) return { $: 'undefined' };
      if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
        return { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
      }
      if (typeof value === 'bigint') return { $: 'bigint', v: String(value) };
      if (typeof value === 'function' || typeof value === 'symbol') return refuse(value);
      if (typeof value !== 'object' || value === null) return value;
      const known = seen.get(value);
      if (known !== undefined) return { $: 'ref', v: known };
      seen.set(value, seen.size);
      if (Array.isArray(value)) return { $: 'array', v: Array.from(value, write) };
      if (value instanceof Error) return { $: 'error', n: value.name, v: value.message, k: value.stack };
      if (value instanceof Date) return { $: 'date', v: String(Number(value)) };
      if (value instanceof Map) return { $: 'map', v: Array.from(value, ([key, item]) => [write(key), write(item)]) };
      if (value instanceof Set) return { $: 'set', v: Array.from(value, write) };
      if (value instanceof ArrayBuffer) return { $: 'buffer', v: toBase64(new Uint8Array(value)) };
      if (ArrayBuffer.isView(value)) {
        return { $: 'bytes', v: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
      }
      if (tagOf(value) !== 'Object') return refuse(value);
      return { $: 'object', v: Object.entries(value).map(([key, item]) => [key, write(item)]) };
    };
    return JSON.stringify(write(root));
  };

  const decode = (text: string): unknown => {
    const objects: unknown[] = [];
    const keep = <T>(object: T): T => {
      objects.push(object);
      return object;
    };
    const read = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      const { $: tag, v, n, k } = value as Tagged;
      const pairs = v as [unknown, unknown][];
      switch (tag) {
        case 'undefined':
          return undefined;
        case 'number':
          return Number(v);
        case 'bigint':
          return BigInt(String(v));
        case 'ref':
          return objects[Number(v)];
        case 'array': {
          const array = keep<unknown[]>([]);
          for (const item of v as unknown[]) array.push(read(item));
          return array;
        }
        case 'date':
          return keep(new Date(Number(v)));
        case 'map': {
          const map = keep(new Map<unknown, unknown>());
          for (const [key, item] of pairs) map.set(read(key), read(item));
          return map;
        }
        case 'set': {
          const set = keep(new Set<unknown>());
          for (const item of v as unknown[]) set.add(read(item));
          return set;
        }
        case 'buffer':
          return keep(fromBase64(String(v)).buffer);
        case 'bytes':
          return keep(fromBase64(String(v)));
        case 'error': {
          const error = keep(new Error(String(v)));
          error.name = n ?? 'Error';
          if (k !== undefined) error.stack = k;
          return error;
        }
        default: {
          const object = keep<Record<string, unknown>>({});
          for (const [key, item] of pairs)
            Object.defineProperty(object, String(key), {
              value: read(item),
              writable: true,
              enumerable: true,
              configurable: true,
            });
          return object;
        }
      }
    };
    return read(JSON.parse(text));
  };

  return { encode, decode };
}
