import { createCipheriv, createHmac } from 'node:crypto';

export const ALERT = 21;
export const DATA = 23;
/** Level and description (RFC 8446 §6). */
export const CLOSE_NOTIFY = Buffer.from([1, 0]);
export const USER_CANCELED = Buffer.from([1, 90]);

/** Writes what a client of TLS 1.3 sends after its handshake (RFC 8446 §5.2), where its cipher is `TLS_AES_128_GCM_SHA256`. */
export class TlsRecords {
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #count = 0;

  /** `keylog`: lines as a TLS socket's `keylog` event tells them. */
  constructor(keylog: string) {
    const secret = /^CLIENT_TRAFFIC_SECRET_0 \w+ (\w+)$/m.exec(keylog)?.[1];
    if (secret === undefined) throw new Error('the handshake is not over');
    this.#key = expand(secret, 'key', 16);
    this.#iv = expand(secret, 'iv', 12);
  }

  /** One record, filled up with `padding` zeros (§5.4). */
  seal(type: number, content: string | Buffer, padding = 0): Buffer {
    const inner = Buffer.concat([Buffer.from(content), Buffer.from([type]), Buffer.alloc(padding)]);
    const header = Buffer.from([DATA, 3, 3, 0, 0]);
    header.writeUInt16BE(inner.length + 16, 3);
    const nonce = Buffer.from(this.#iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#count++) >>> 0, 8);
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce).setAAD(header);
    return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  }
}

/** HKDF-Expand-Label (§7.1), of not more than one hash. */
function expand(secret: string, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.from([0, bytes, name.length, ...name, 0, 1]);
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(info).digest().subarray(0, bytes);
}
