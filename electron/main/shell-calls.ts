import { BrowserWindow, dialog, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { type BridgeResult, shellCalls } from '../../shared/contract/bridge.ts';
import { explainIssue } from '../../shared/contract/issue.ts';
import { channels } from '../../shared/contract/preload-api.ts';
import type { ErrorParams } from '../../shared/errors/app-error.ts';
import { isOurs } from './lock-down.ts';

const request = z.strictObject({ name: z.string().max(64), params: z.unknown() });

/** Answers what the interface asks of the desktop. */
export function answerShellCalls(): void {
  ipcMain.handle(channels.shell, async (event, message: unknown): Promise<BridgeResult> => {
    if (!isTrusted(event)) return refused('call.unknown', { name: channels.shell });
    const asked = request.safeParse(message);
    if (!asked.success) return refused('call.invalid', { issue: 'not-a-call' });
    const { name, params } = asked.data;
    switch (name) {
      case 'shell.choose-folder': {
        const { params: schema } = shellCalls[name];
        const parsed = schema.safeParse(params);
        if (!parsed.success)
          return refused('call.invalid', { name, ...explainIssue(schema, parsed.error.issues[0], params) });
        return { ok: true, value: await chooseFolder(event, parsed.data.title) };
      }
      default:
        return refused('call.unknown', { name });
    }
  });
}

/** Only the top frame of one of our own pages is listened to. */
export function isTrusted({ senderFrame }: Pick<IpcMainInvokeEvent, 'senderFrame'>): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}

async function chooseFolder(event: IpcMainInvokeEvent, title: string): Promise<{ path: string | null }> {
  const window = BrowserWindow.fromWebContents(event.sender);
  const options: Electron.OpenDialogOptions = { title, properties: ['openDirectory', 'createDirectory'] };
  const { canceled, filePaths } = await (window === null
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return { path: canceled ? null : (filePaths[0] ?? null) };
}

function refused(code: 'call.unknown' | 'call.invalid', params: ErrorParams): BridgeResult {
  return { ok: false, error: { code, params } };
}
