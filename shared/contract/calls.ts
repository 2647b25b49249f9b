import type { z } from 'zod';
import { historyCalls } from './calls/history.ts';
import { installCalls } from './calls/install.ts';
import { peerCalls } from './calls/peers.ts';
import { publishingCalls } from './calls/publishing.ts';
import { siteCalls } from './calls/sites.ts';
import { togetherCalls } from './calls/together.ts';

/**
 * What the interface and the command line can ask of an engine: a name, its parameters, its result.
 * The same calls work on a running engine (through the console listener) and on a data folder at rest.
 * Where `site` may be absent it is the only one that there is.
 */
export const calls = {
  ...installCalls,
  ...siteCalls,
  ...peerCalls,
  ...historyCalls,
  ...togetherCalls,
  ...publishingCalls,
} as const;

export type CallName = keyof typeof calls;
export type CallParams<N extends CallName> = z.input<(typeof calls)[N]['params']>;
export type CallResult<N extends CallName> = z.output<(typeof calls)[N]['result']>;
