import type { z } from 'zod';
import {
  bridgeEvent,
  type BridgeEvent,
  bridgeResult,
  type HostCallName,
  hostCalls,
} from '../../shared/contract/bridge.ts';
import { type CallName, calls } from '../../shared/contract/calls.ts';
import { sentAnswer, type SentPart } from '../../shared/contract/sent-files.ts';
import { type ShellCallName, shellCalls } from '../../shared/contract/shell.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { connectToConsole } from './console-transport.ts';
import { desktopTransport } from './desktop-transport.ts';
import type { SentTransport, Transport } from './transport.ts';

const everyCall = { ...calls, ...hostCalls, ...shellCalls };
type AnyCallName = CallName | HostCallName | ShellCallName;

/** The engine as the interface sees it, whichever way it is reached. What comes from there is parsed here, once. */
export interface Bridge {
  readonly kind: Transport['kind'];
  /** Rejects with an `AppError`; `node.not-running` where the engine is not there or went away before it answered. */
  call<N extends AnyCallName>(
    name: N,
    params: z.input<(typeof everyCall)[N]['params']>,
  ): Promise<z.output<(typeof everyCall)[N]['result']>>;
  subscribe(listener: (event: BridgeEvent) => void): () => void;
  /** Where a dropped file or folder lies; '' in a browser, which does not tell. */
  pathForFile(file: File): string;
  /** There in a browser only: files are sent, as they cannot be named. */
  readonly sent?: Sent;
}

export interface Sent {
  /** Resolves the folder, at the engine's machine, that all of `id` is in. */
  put(id: string, path: SitePath, part: SentPart, body: Blob | undefined, signal: AbortSignal): Promise<string>;
  discard(id: string): Promise<void>;
}

export function openBridge(): Bridge {
  return bridgeOver(desktopTransport() ?? connectToConsole());
}

function bridgeOver(transport: Transport): Bridge {
  return {
    kind: transport.kind,
    pathForFile: (file) => transport.pathForFile(file),
    async call(name, params) {
      return parseResult(name, valueOf(await transport.call(name, params)));
    },
    ...(transport.sent && { sent: sentOver(transport.sent) }),
    subscribe(listener) {
      return transport.subscribe((event) => {
        const parsed = bridgeEvent.safeParse(event);
        if (parsed.success) listener(parsed.data);
      });
    },
  };
}

function sentOver(transport: SentTransport): Sent {
  return {
    put: async (...part) => sentAnswer.parse(valueOf(await transport.put(...part))).folder,
    async discard(id) {
      valueOf(await transport.discard(id));
    },
  };
}

function valueOf(answer: unknown): unknown {
  const result = bridgeResult.parse(answer);
  if (!result.ok) throw AppError.fromJSON(result.error);
  return result.value;
}

function parseResult<N extends AnyCallName>(name: N, value: unknown): z.output<(typeof everyCall)[N]['result']> {
  // TypeScript does not follow that the schema found under N is the schema of N.
  const schema = everyCall[name].result as z.ZodType as z.ZodType<z.output<(typeof everyCall)[N]['result']>>;
  return schema.parse(value);
}
