import { type BrowserWindow, dialog, Notification } from 'electron';
import type { Texts } from './texts.ts';

/** Says once that the app goes on without its window. */
export function tellStays(texts: Texts['closing'], platform: NodeJS.Platform): void {
  if (!Notification.isSupported()) return;
  new Notification({ title: texts.staysTitle, body: texts.stays(platform) }).show();
}

export type Answer = { readonly choice: 'stay' | 'quit'; readonly remember: boolean } | undefined;

const CHOICES = ['stay', 'quit'] as const;

/** Asks what closing is to do where nothing would show that the app still runs; undefined: the window stays. */
export async function askWhatClosingDoes(window: BrowserWindow, texts: Texts['closing']): Promise<Answer> {
  const buttons = [texts.stay, texts.quit, texts.cancel];
  const { response, checkboxChecked } = await dialog.showMessageBox(window, {
    type: 'question',
    message: texts.askTitle,
    detail: texts.ask,
    buttons,
    defaultId: buttons.length - 1,
    cancelId: buttons.length - 1,
    checkboxLabel: texts.remember,
    noLink: true,
  });
  const choice = CHOICES[response];
  return choice === undefined ? undefined : { choice, remember: checkboxChecked };
}
