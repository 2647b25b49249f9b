import { z } from 'zod';
import { limitsChange } from './conditions.ts';
import { follow } from './config.ts';
import { millis, name } from './primitives.ts';

/** Patterns of one follow. */
const EXCLUDES_MAX = 1000;

/** By name or id. */
export const peerName = z.string().max(100);

/** A site that a mirror follows, with all that is set for it. */
export const followed = follow.extend({
  /** Name of the master. */
  masterName: z.string(),
  /** Paused here by itself since then, whatever else is paused. */
  pausedAt: millis.optional(),
});

const { connections, exclude, deleteGuard, drift } = follow.shape;

/** What is absent stays as it is; null takes a limit away. `site` may be absent where there is one only. */
export const followChange = limitsChange.extend({
  site: name.optional(),
  connections: connections.unwrap().optional(),
  exclude: exclude.unwrap().max(EXCLUDES_MAX).optional(),
  deleteGuard: deleteGuard.unwrap().optional(),
  drift: drift.unwrap().optional(),
  /** Where its folder was moved to. */
  root: z.string().min(1).max(4096).optional(),
});

/** A file of a followed site that somebody else has changed or removed. */
export const drifted = z.object({
  site: name,
  path: z.string(),
  /** `found`: a person decides. `kept`: it stays until the master changes the file. `replaced`: the master's came in its place. */
  state: z.enum(['found', 'kept', 'replaced']),
  /** Nothing stands, or stood, there. */
  missing: z.boolean(),
  at: millis,
  /** Of what was replaced: the file that holds it, absolute, as long as versions are kept. */
  keptAs: z.string().optional(),
});

/** What ends, or would end, with a pairing. */
export const ended = z.object({
  name,
  sites: z.array(
    z.object({
      site: name,
      /** Files of it, here. They stay where they are. */
      files: z.int(),
      /** At a mirror: the folder that holds them. */
      root: z.string().optional(),
      /** At a master: changes that the mirror has not published, and now never will. */
      behind: z.int().optional(),
    }),
  ),
});

/** What other routes would mean for the files that are there. */
export const routePreview = z.object({
  files: z.int(),
  mirrors: z.array(
    z.object({
      mirror: z.string(),
      /** Files that it gets now, and no more then; and the other way round. */
      loses: z.int(),
      gains: z.int(),
      /** Files that it gets then. */
      gets: z.int(),
    }),
  ),
  /** Files that go to some mirror now, and to none then. */
  nobody: z.int(),
  /** A few of those that some mirror loses. */
  examples: z.array(z.string()),
});
