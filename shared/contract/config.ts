import { z } from 'zod';
import { custom, issue } from './issue.ts';
import { HOOKS_MAX, hook } from './hooks.ts';
import { glob, name, port } from './primitives.ts';
import { hours } from './conditions.ts';
import { GROUPS_MAX, RULES_TEXT_MAX, fileGroup, linkRules, rulesText } from './rules.ts';

const host = z.string().min(1).max(255);
const address = z.object({ host, port });
const file = z.string().min(1).max(4096);

export const ROUTES_MAX = 1000;

export const route = z.strictObject({
  glob,
  mirrors: z.union([z.literal('all'), z.array(name)], { error: issue('mirrors') }),
});

const versions = z.strictObject({
  days: z.int().min(0).max(3650).default(30),
  count: z.int().min(0).max(1_000_000).default(10_000),
  bytes: z
    .int()
    .min(0)
    .default(2 * 2 ** 30),
});

const multicast = z.strictObject({
  /** IPv4 or IPv6 multicast address. */
  group: z.string().min(1).max(64),
  port: z.int().min(1).max(65535),
  /** Name or address; absent: the system's choice. */
  interface: z.string().max(100).optional(),
  ttl: z.int().min(0).max(255).default(1),
});

/** A site that a mirror follows. */
export const follow = z.strictObject({
  site: name,
  /** The master's fingerprint. */
  master: z.string(),
  root: z.string().min(1),
  /** Paths that this mirror does not want; an empty list wants all. */
  exclude: z.array(glob).default([]),
  /** `plain` fetches without TLS where the master allows it. */
  transport: z.enum(['tls', 'plain']).default('tls'),
  connections: z.int().min(1).max(32).default(6),
  bytesPerSecond: z.int().min(1024).optional(),
  /** Local hours in which files are fetched, `from` included, `to` not. */
  hours: hours.optional(),
  /** Share of the files that one catch-up or snapshot may delete before a person is asked. */
  deleteGuard: z.number().min(0).max(1).default(0.5),
  /** What becomes of files that somebody else has changed or removed here, when that is noticed. */
  drift: z.enum(['report', 'restore', 'keep']).default('report'),
  versions: versions.prefault({}),
  /** The interface (name or address) on which announcements are listened for, where the master sends them; false: none. */
  multicast: z.union([z.literal(false), z.strictObject({ interface: z.string().max(100).optional() })]).prefault({}),
});

/**
 * `config.json`: what a person may read and change by hand. It is checked as a whole; unknown keys are refused, so that a
 * misspelt one is not silently without effect. Secrets, accounts and peers are in the database, not here.
 */
export const config = z
  .strictObject({
    version: z.literal(1),
    node: z.strictObject({ name, role: z.enum(['master', 'mirror']) }),
    /** The monitored FTP server of a master. */
    ftp: z
      .strictObject({
        host,
        port,
        /** `required`: explicit FTPS only. `optional`: plain FTP is accepted too. */
        tls: z.enum(['required', 'optional']),
        passive: z.strictObject({ min: port, max: port, address: host.optional() }).prefault({ min: 0, max: 0 }),
        /** PEM files of a certificate that clients trust, and its key; looked at again and again. Absent: the install's own. */
        certificate: z.strictObject({ cert: file, key: file }).optional(),
        /** An upload over TLS whose size was not said counts as whole only where TLS says its end. */
        closeNotify: z.boolean().default(true),
        /** A data connection in TLS has to resume the session of its control connection: nobody else can take its place. */
        resumeTls: z.boolean().default(false),
        /** PORT and EPRT. */
        active: z.boolean().default(false),
        limits: z
          .strictObject({
            sessions: z.int().min(1).default(500),
            sessionsPerAddress: z.int().min(1).default(100),
            idleSeconds: z.int().min(1).default(300),
            stallSeconds: z.int().min(1).default(60),
            listingEntries: z.int().min(1).default(200_000),
            uploadBytes: z
              .int()
              .min(1)
              .default(2 ** 40),
          })
          .prefault({}),
      })
      .optional(),
    /** Where peers reach this install. Absent: this install dials its peers itself. */
    link: address.optional(),
    /** The web console of `lockstep run`: loopback unless somebody says otherwise. */
    console: address.prefault({ host: '127.0.0.1', port: 0 }),
    /** Master: the sites that it publishes. */
    sites: z
      .array(
        z.strictObject({
          name,
          root: z.string().min(1),
          /** See changes made without FTP too. */
          watch: z.boolean().default(false),
          /** First match wins; no match: no mirror. No routes at all: every mirror of the site. */
          routes: z.array(route).max(ROUTES_MAX).default([]),
          /** What belongs together (SPEC §8). Durations in milliseconds. Which changes are committed is not said here. */
          groups: z
            .array(fileGroup.omit({ committed: true }))
            .max(GROUPS_MAX)
            .default([]),
          links: linkRules
            .extend({
              /** http(s) addresses of the site's root, so that absolute links to the own host count. */
              urls: z
                .array(z.url({ protocol: /^https?$/ }).max(2048))
                .max(20)
                .default([]),
            })
            .prefault({}),
          /** Replaced and deleted files are kept for rollbacks as long as none of these is exceeded. */
          versions: versions.prefault({}),
          /** Announce changes by UDP multicast too. */
          multicast: multicast.optional(),
          /** Journal rows and tombstones older than this may be dropped; a mirror that was away longer gets a snapshot. */
          keepDays: z.int().min(1).default(90),
        }),
      )
      .default([]),
    /** Mirror: the sites that it follows. */
    follows: z.array(follow).default([]),
    /** Days that finished transfers stay in the history. */
    historyDays: z.int().min(1).default(90),
    /** What is done when something has happened. */
    hooks: z.array(hook).max(HOOKS_MAX).default([]),
  })
  .superRefine((value, context) => {
    if (value.node.role === 'master' && !value.ftp) context.addIssue({ ...custom('needed-by-master'), path: ['ftp'] });
    unique(value.sites.map((site) => site.name)).forEach((index) =>
      context.addIssue({ ...custom('twice'), path: ['sites', index, 'name'] }),
    );
    value.sites.forEach((site, at) => {
      if (rulesText(site) > RULES_TEXT_MAX)
        context.addIssue({
          code: 'custom',
          path: ['sites', at, 'groups'],
          message: issue('rules-too-long'),
          params: { limit: RULES_TEXT_MAX },
        });
      unique(site.groups.map((group) => group.name)).forEach((index) =>
        context.addIssue({ ...custom('twice'), path: ['sites', at, 'groups', index, 'name'] }),
      );
    });
    unique(value.follows.map((follow) => follow.site)).forEach((index) =>
      context.addIssue({ ...custom('twice'), path: ['follows', index, 'site'] }),
    );
    const range = value.ftp?.passive;
    if (range && range.min > range.max) context.addIssue({ ...custom('min-above-max'), path: ['ftp', 'passive'] });
  });

export type Config = z.output<typeof config>;
/** As it is written: what is not said has its default. */
export type ConfigInput = z.input<typeof config>;
export type SiteConfig = Config['sites'][number];
export type VersionsConfig = SiteConfig['versions'];
export type MulticastConfig = NonNullable<SiteConfig['multicast']>;
export type FollowConfig = Config['follows'][number];

/** Indexes of values that stood before. */
function unique(values: readonly string[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}
