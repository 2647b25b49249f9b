import * as real from 'node:crypto';
import { simulation } from '../current.ts';

/** In the place of `node:crypto`: what is random comes from the seed, and nothing takes the way through the thread pool. */
export * from 'node:crypto';

export function randomBytes(length: number): Buffer {
  return simulation().engineRandom.bytes(length);
}

export function randomUUID(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

type Derived = (error: Error | null, key: Buffer) => void;

/** Takes its time on the simulated clock only: how hard it is to guess is tested elsewhere. */
export function scrypt(password: string, salt: Buffer, length: number, options: unknown, done: Derived): void {
  const key = real.createHmac('sha512', salt).update(password).update(JSON.stringify(options)).digest();
  const { scheduler } = simulation();
  scheduler.after(scheduler.random.between(1, 40), 'scrypt', () => done(null, key.subarray(0, length)));
}

/** In the simulation the public key is in the place of the certificate; see `identity.ts`. */
export class X509Certificate {
  readonly publicKey: real.KeyObject;

  constructor(pem: string) {
    this.publicKey = real.createPublicKey(pem);
  }

  get raw(): Buffer {
    return this.publicKey.export({ format: 'der', type: 'spki' });
  }
}
