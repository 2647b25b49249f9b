import { z } from 'zod';
import { limits, limitsChange } from '../conditions.ts';
import { ROUTES_MAX, route } from '../config.ts';
import { drifted, ended, followChange, followed, peerName, routePreview } from '../peers.ts';
import { errorJson, fingerprint, glob, millis, name, port, sitePath, takeOver } from '../primitives.ts';
import { call } from './call.ts';

/** Of the other installs: pairing, links, what a mirror follows, and which mirrors get what. */
export const peerCalls = {
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
    z.object({
      code: z.string(),
      site: name,
      expiresAt: z.int(),
      /** `host:port`, where the mirror will look for this master, in this order. */
      addresses: z.array(z.string()),
    }),
  ),
  /** `host:port`, where others may reach this install: what an invitation holds where no address is given. */
  'pairing.addresses': call(z.strictObject({}), z.object({ addresses: z.array(z.string()) })),
  /** Reads a code and looks whether its master answers, from this machine. Uses the code not up, and writes nothing. */
  'pairing.check': call(
    z.strictObject({ code: z.string().max(2048) }),
    z.object({
      site: name,
      /** The master's fingerprint. */
      master: fingerprint,
      expiresAt: millis,
      /** `error`: why it does not answer there; absent where another answered first. */
      addresses: z.array(z.object({ address: z.string(), answers: z.boolean(), error: errorJson.optional() })),
      /** The one at which it answered. */
      reached: z.string().nullable(),
    }),
  ),
  /** Rejects `pair.*`, and as `site.add`: then the code is not used up. */
  'pairing.join': call(
    z.strictObject({
      code: z.string().max(2048),
      root: z.string().min(1),
      dial: z.enum(['master', 'mirror']).optional(),
      takeOver,
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
        /** Of a mirror, at its master: what this master asks of it. Absent: nothing. */
        limits: limits.optional(),
        /** Of a mirror, at its master: paused by itself since then, whatever else is paused. */
        pausedAt: millis.optional(),
      }),
    ),
  ),
  /** Ends the pairing. `dryRun`: tells what would end, and does nothing. */
  'peer.remove': call(z.strictObject({ peer: peerName, dryRun: z.boolean().default(false) }), ended),
  /** Opens the link now, whatever the back-off says; without effect while it is open. Rejects `peer.dials-us`. */
  'peer.dial': call(z.strictObject({ peer: peerName }), z.object({ name })),
  /** Master: the mirror is told of nothing and fetches nothing until it is resumed; its place in the journal stands. */
  'peer.pause': call(z.strictObject({ peer: peerName }), z.object({ name, pausedAt: millis })),
  'peer.resume': call(z.strictObject({ peer: peerName }), z.object({ name })),
  /** Master: what the mirror is asked to keep to; the FTP server keeps to the rate in any case. */
  'peer.limit': call(limitsChange.extend({ peer: peerName }), z.object({ name, limits })),
  /** The sites that this mirror follows, each with all that is set for it. */
  'follow.list': call(z.strictObject({}), z.array(followed)),
  /** What is absent stays as it is; null takes a limit away. In force at once. Rejects `site.root-elsewhere`, and as `site.add` does, for `root`. */
  'follow.set': call(followChange, followed),
  'follow.pause': call(z.strictObject({ site: name.optional() }), z.object({ site: name, pausedAt: millis })),
  'follow.resume': call(z.strictObject({ site: name.optional() }), z.object({ site: name })),
  /** Follows it no longer; the pairing ends with the last site of a master. `dryRun`: tells what would end, and does nothing. */
  'follow.remove': call(z.strictObject({ site: name.optional(), dryRun: z.boolean().default(false) }), ended),
  /** What somebody else has changed at this mirror: `waiting.resolve` decides about what was found. */
  'follow.drift': call(
    z.strictObject({ site: name.optional(), limit: z.int().min(1).max(10_000).default(200) }),
    z.array(drifted),
  ),
  'route.list': call(z.strictObject({ site: name.optional() }), z.array(route)),
  /**
   * First match wins. An empty list: every mirror gets everything. Rejects `route.unknown-mirror` for a name that no mirror has, and
   * that no route has named before; `force`: it will be paired later.
   */
  'route.set': call(
    z.strictObject({
      site: name.optional(),
      routes: z.array(route).max(ROUTES_MAX),
      force: z.boolean().default(false),
    }),
    z.array(route),
  ),
  /** Puts it at that place, counted from 1; absent: last. Rejects `route.exists`, and as `route.set`. All routes then. */
  'route.add': call(
    z.strictObject({
      site: name.optional(),
      route,
      at: z.int().min(1).optional(),
      force: z.boolean().default(false),
    }),
    z.array(route),
  ),
  'route.remove': call(z.strictObject({ site: name.optional(), glob }), z.array(route)),
  /** What these routes would mean for the files that are there: who would lose and gain how many. Changes nothing. */
  'route.preview': call(
    z.strictObject({ site: name.optional(), routes: z.array(route).max(ROUTES_MAX) }),
    routePreview,
  ),
  /** Who gets this path, and by which route. */
  'route.test': call(
    z.strictObject({ site: name.optional(), path: sitePath }),
    z.object({ path: sitePath, route: route.nullable(), mirrors: z.array(z.string()) }),
  ),
} as const;
