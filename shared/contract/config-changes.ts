import { z } from 'zod';
import { config } from './config.ts';
import { name, port, sha256 } from './primitives.ts';

/*
 * What a person may change of an install while it runs, apart from sites, routes, groups and links, which have calls of their
 * own. What is absent stays as it is; unknown keys are refused.
 */

const host = z.string().trim().min(1).max(255);
const address = z.strictObject({ host, port });
const positive = z.int().min(1);

export const configChanges = z.strictObject({
  node: z.strictObject({ name }).optional(),
  ftp: z
    .strictObject({
      host: host.optional(),
      port: port.optional(),
      tls: z.enum(['required', 'optional']).optional(),
      /** Ports for data connections, 0 to 0: any. `address`: as clients see this machine; null: as they reached it. */
      passive: z
        .strictObject({ min: port.optional(), max: port.optional(), address: host.nullable().optional() })
        .optional(),
      active: z.boolean().optional(),
      closeNotify: z.boolean().optional(),
      resumeTls: z.boolean().optional(),
      limits: z
        .strictObject({
          sessions: positive.optional(),
          sessionsPerAddress: positive.optional(),
          idleSeconds: positive.optional(),
          stallSeconds: positive.optional(),
          listingEntries: positive.optional(),
          uploadBytes: positive.optional(),
        })
        .optional(),
    })
    .optional(),
  /** null: peers cannot connect here, this install dials them. */
  link: address.nullable().optional(),
  console: address.optional(),
  historyDays: positive.max(36_500).optional(),
});

export const configView = z.object({
  config,
  /** Of the file as it was read: who changes it says which one was seen. */
  revision: sha256,
  dataDir: z.string(),
  file: z.string(),
  /** Of the database with its log, in bytes. */
  databaseBytes: z.int(),
});

const days = z.int().min(0).max(3650);
const duration = z.int().min(0);

/** Of one site of a master. Durations in milliseconds. */
export const siteChanges = z.strictObject({
  watch: z.boolean().optional(),
  keepDays: positive.max(36_500).optional(),
  versions: z
    .strictObject({
      days: days.optional(),
      count: z.int().min(0).max(1_000_000).optional(),
      bytes: z.int().min(0).optional(),
    })
    .optional(),
  links: z
    .strictObject({
      wait: z.boolean().optional(),
      missing: duration.optional(),
      late: duration.optional(),
      deleted: duration.optional(),
      urls: z
        .array(z.url({ protocol: /^https?$/ }).max(2048))
        .max(20)
        .optional(),
    })
    .optional(),
  multicast: z
    .strictObject({
      group: z.string().min(1).max(64),
      port: z.int().min(1).max(65_535),
      interface: z.string().min(1).max(100).optional(),
      ttl: z.int().min(0).max(255).optional(),
    })
    .nullable()
    .optional(),
});

export type ConfigChanges = z.output<typeof configChanges>;
export type ConfigView = z.output<typeof configView>;
export type SiteChanges = z.output<typeof siteChanges>;
