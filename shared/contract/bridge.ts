import { z } from 'zod';
import { place } from './desktop.ts';
import { liveBatch } from './live.ts';
import { errorJson, name, takeOver } from './primitives.ts';
import { publishJob } from './publishing.ts';
import { status } from './status.ts';

/**
 * How the interface reaches an engine that runs in another process or on another machine: requests with ids one way,
 * responses and events the other. In the desktop app these travel over a MessagePort; the web console carries the
 * same responses and events over HTTPS and a WebSocket.
 */

/** What happened in an engine. */
const engineEvent = z.discriminatedUnion('type', [
  /** `quiet`: nothing happened but that time has passed; rates and times of contact are others. */
  z.object({ type: z.literal('status'), status, quiet: z.literal(true).optional() }),
  liveBatch,
  /** Drops under way, all of them, whenever one has news: ten times a second at most. */
  z.object({ type: z.literal('publishing'), jobs: z.array(publishJob) }),
]);

/** What the process that hosts the engine is at. `unset`: nobody has said yet what this install is to be. */
const hostState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('starting') }),
  z.object({ state: z.literal('unset'), suggestedName: z.string() }),
  z.object({ state: z.literal('running') }),
  z.object({ state: z.literal('failed'), error: errorJson }),
]);

const MAX_PATH = 4096;

/** Answered by the host of the engine, beside the engine's own calls. */
export const hostCalls = {
  /** First start: makes this install a master that publishes `root`, or a mirror that follows by a pairing code. */
  'host.init': {
    params: z.discriminatedUnion('role', [
      z.strictObject({
        role: z.literal('master'),
        name,
        site: name,
        root: z.string().min(1).max(MAX_PATH),
        takeOver,
        /** A first account that may upload. */
        account: z.strictObject({ user: name, password: z.string().min(8).max(256) }).optional(),
      }),
      z.strictObject({
        role: z.literal('mirror'),
        name,
        code: z.string().min(1).max(2048),
        root: z.string().min(1).max(MAX_PATH),
        takeOver,
      }),
      /** A master without a site, which lets nobody in from the network: it publishes to FTP servers elsewhere. */
      z.strictObject({ role: z.literal('publisher'), name }),
    ]),
    result: z.object({ name }),
  },
  /** Starts an engine that failed to start. */
  'host.retry': { params: z.strictObject({}), result: z.object({}) },
} as const;

export const bridgeRequest = z.strictObject({ id: z.int().min(0), name: z.string().max(64), params: z.unknown() });

export const bridgeResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorJson }),
]);

/** From the host of the engine to the interface. */
const bridgeMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('response'), id: z.int().min(0), result: bridgeResult }),
  z.object({ type: z.literal('host'), host: hostState }),
  z.object({ type: z.literal('event'), event: engineEvent }),
]);

/** What the interface hears, from whichever side: the engine, its host, or that the way to it was lost. */
export const bridgeEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('host'), host: hostState }),
  z.object({ type: z.literal('event'), event: engineEvent }),
  z.object({ type: z.literal('lost'), retryAt: z.int().optional() }),
  /** The desktop shell asks for a place of the interface: by a menu, the tray, or a notification. */
  z.object({ type: z.literal('go'), place }),
  /** The console no longer takes this page's token: there was a new start since. */
  z.object({ type: z.literal('denied') }),
]);

export type EngineEvent = z.output<typeof engineEvent>;
export type HostState = z.output<typeof hostState>;
export type BridgeResult = z.output<typeof bridgeResult>;
export type BridgeMessage = z.output<typeof bridgeMessage>;
export type BridgeEvent = z.output<typeof bridgeEvent>;
export type HostCallName = keyof typeof hostCalls;
