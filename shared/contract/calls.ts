import { z } from 'zod';
import { fingerprint, name, port, seq } from './primitives.ts';
import { historyRow, status, waitingItem } from './status.ts';

/**
 * What the interface and the command line can ask of an engine: a name, its parameters, its result.
 * The same calls work on a running engine (through the console listener) and on a data folder at rest.
 */
export const calls = {
  'node.status': call(z.strictObject({}), status),
  'site.add': call(
    z.strictObject({ name, root: z.string().min(1), watch: z.boolean().default(false) }),
    z.object({ name, root: z.string() }),
  ),
  'site.remove': call(z.strictObject({ name }), z.object({ name })),
  /** `allowDeletes`: journals deletes however many there are; without it too many are refused with `guard.held`. */
  'site.rescan': call(
    z.strictObject({ name, allowDeletes: z.boolean().default(false) }),
    z.object({ found: z.int(), changed: z.int() }),
  ),
  'account.add': call(
    z.strictObject({
      user: name,
      site: name,
      /** A folder of the site that the account is kept to; '' is the whole site. */
      folder: z.string().max(3072).default(''),
      password: z.string().min(8).max(256),
    }),
    z.object({ user: name }),
  ),
  'account.list': call(
    z.strictObject({}),
    z.array(z.object({ user: z.string(), site: name, folder: z.string(), kind: z.enum(['publisher', 'mirror']) })),
  ),
  'account.remove': call(z.strictObject({ user: z.string() }), z.object({ user: z.string() })),
  'pairing.invite': call(
    z.strictObject({
      site: name.optional(),
      expiresSeconds: z
        .int()
        .min(10)
        .max(7 * 86400)
        .default(600),
      /** The address that the mirror will dial, where the listener's own is of no use (0.0.0.0, NAT). */
      address: z.object({ host: z.string(), port }).optional(),
    }),
    z.object({ code: z.string(), site: name, expiresAt: z.int() }),
  ),
  'pairing.join': call(
    z.strictObject({
      code: z.string().max(2048),
      root: z.string().min(1),
      dial: z.enum(['master', 'mirror']).optional(),
    }),
    z.object({
      site: name,
      master: z.object({ id: fingerprint, name }),
      root: z.string(),
      dial: z.enum(['master', 'mirror']),
    }),
  ),
  'peer.list': call(
    z.strictObject({}),
    z.array(
      z.object({
        id: fingerprint,
        name,
        role: z.enum(['master', 'mirror']),
        address: z.string().nullable(),
        dial: z.enum(['master', 'mirror']),
        sites: z.array(name),
      }),
    ),
  ),
  'peer.remove': call(z.strictObject({ peer: z.string() }), z.object({ name })),
  'history.list': call(
    z.strictObject({
      site: name.optional(),
      glob: z.string().max(1024).optional(),
      since: z.int().optional(),
      limit: z.int().min(1).max(100_000).default(200),
    }),
    z.array(historyRow),
  ),
  'waiting.list': call(z.strictObject({}), z.array(waitingItem)),
  /** Lets go of what is held (`publish`), tries a failing transfer at once, or gives it up (`discard`). */
  'waiting.resolve': call(
    z.strictObject({ id: z.string(), how: z.enum(['publish', 'discard']) }),
    z.object({ id: z.string() }),
  ),
  'step.seq': call(z.strictObject({}), z.object({ sites: z.array(z.object({ name, headSeq: seq })) })),
} as const;

export type CallName = keyof typeof calls;
export type CallParams<N extends CallName> = z.input<(typeof calls)[N]['params']>;
export type CallResult<N extends CallName> = z.output<(typeof calls)[N]['result']>;

function call<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): { params: P; result: R } {
  return { params, result };
}
