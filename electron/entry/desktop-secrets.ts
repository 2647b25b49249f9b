import type { FromEngine, ToEngine } from '../../shared/contract/desktop.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Secrets } from '../engine/ports.ts';

/** Says how it was sealed; see `fileSecrets`. */
const PREFIX = 'system1.';

type Question = Extract<FromEngine, { type: 'secret' }>;
type Reply = Extract<ToEngine, { type: 'secret' }>;

export interface SecretAsker {
  ask(op: Question['op'], text: string): Promise<string | null>;
  /** main has answered. */
  answered(reply: Reply): void;
}

/** Asks main, which alone reaches the system's keychain. */
export function createSecretAsker(post: (question: Question) => void): SecretAsker {
  const open = new Map<number, (text: string | null) => void>();
  let nextId = 0;
  return {
    ask(op, text) {
      const id = nextId++;
      return new Promise((resolve) => {
        open.set(id, resolve);
        post({ type: 'secret', id, op, text });
      });
    },
    answered({ id, text }) {
      open.get(id)?.(text);
      open.delete(id);
    },
  };
}

/**
 * Secrets in the system's store. Where it protects nothing, none are sealed. What the command line has sealed with the key file
 * of this install still opens.
 */
export async function systemSecrets(asker: SecretAsker, file: Pick<Secrets, 'open'>): Promise<Secrets> {
  const protection = (await asker.ask('protection', '')) === 'system' ? 'system' : 'none';
  return {
    protection,
    async seal(plain) {
      const sealed = protection === 'system' ? await asker.ask('seal', plain) : null;
      if (sealed === null) throw new AppError('secret.unprotected');
      return PREFIX + sealed;
    },
    async open(sealed) {
      if (!sealed.startsWith(PREFIX)) return file.open(sealed);
      const plain = await asker.ask('open', sealed.slice(PREFIX.length));
      if (plain === null) throw new AppError('secret.unreadable');
      return plain;
    },
  };
}
