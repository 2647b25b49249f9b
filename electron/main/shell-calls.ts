import { BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { BridgeResult } from '../../shared/contract/bridge.ts';
import { explainIssue } from '../../shared/contract/issue.ts';
import { channels } from '../../shared/contract/preload-api.ts';
import { type ShellCallName, shellCalls } from '../../shared/contract/shell.ts';
import type { ErrorParams } from '../../shared/errors/app-error.ts';
import { isOurs } from './lock-down.ts';

const request = z.strictObject({ name: z.string().max(64), params: z.unknown() });

/** What answers the calls, each with parameters that have been checked. */
export type ShellHandlers = {
  readonly [N in ShellCallName]: (
    params: z.output<(typeof shellCalls)[N]['params']>,
    event: IpcMainInvokeEvent,
  ) => Promise<z.output<(typeof shellCalls)[N]['result']>>;
};

/** Answers what the interface asks of the desktop. */
export function answerShellCalls(handlers: ShellHandlers): void {
  ipcMain.handle(channels.shell, (event, message: unknown) => answer(handlers, event, message));
}

async function answer(handlers: ShellHandlers, event: IpcMainInvokeEvent, message: unknown): Promise<BridgeResult> {
  if (!isTrusted(event)) return refused('call.unknown', { name: channels.shell });
  const asked = request.safeParse(message);
  if (!asked.success) return refused('call.invalid', { issue: 'not-a-call' });
  const { name, params } = asked.data;
  if (!isShellCall(name)) return refused('call.unknown', { name });
  const schema: z.ZodType = shellCalls[name].params;
  const parsed = schema.safeParse(params);
  if (!parsed.success)
    return refused('call.invalid', { name, ...explainIssue(schema, parsed.error.issues[0], params) });
  // The table ties each name to its handler; the compiler cannot follow that through the index.
  const handler = handlers[name] as (params: unknown, event: IpcMainInvokeEvent) => Promise<unknown>;
  return { ok: true, value: await handler(parsed.data, event) };
}

/** Only the top frame of one of our own pages is listened to. */
export function isTrusted({ senderFrame }: Pick<IpcMainInvokeEvent, 'senderFrame'>): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}

export async function chooseFolder(event: IpcMainInvokeEvent, title: string): Promise<{ path: string | null }> {
  const window = BrowserWindow.fromWebContents(event.sender);
  const options: Electron.OpenDialogOptions = { title, properties: ['openDirectory', 'createDirectory'] };
  const { canceled, filePaths } = await (window === null
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return { path: canceled ? null : (filePaths[0] ?? null) };
}

function isShellCall(name: string): name is ShellCallName {
  return Object.hasOwn(shellCalls, name);
}

function refused(code: 'call.unknown' | 'call.invalid', params: ErrorParams): BridgeResult {
  return { ok: false, error: { code, params } };
}
