import { z } from 'zod';
import { locales, themes } from '../domain/appearance.ts';

/** What the desktop shell answers its own pages; a browser has none of these. */

/** How far an update is. Nothing of it goes on before the person says so. */
const updateState = z.discriminatedUnion('is', [
  /** This build names no place from which newer ones come. */
  z.strictObject({ is: z.literal('no-source') }),
  z.strictObject({ is: z.literal('off') }),
  z.strictObject({ is: z.literal('checking') }),
  z.strictObject({ is: z.literal('none') }),
  z.strictObject({ is: z.literal('available'), version: z.string() }),
  z.strictObject({ is: z.literal('fetching'), version: z.string() }),
  z.strictObject({ is: z.literal('ready'), version: z.string() }),
  z.strictObject({ is: z.literal('failed') }),
]);

const shellSettings = z.strictObject({
  /** What closing the window does; null: it has not been said, so the app decides by whether there is a tray. */
  whenClosed: z.enum(['stay', 'quit']).nullable(),
  notifications: z.boolean(),
  openAtLogin: z.boolean(),
  updates: z.boolean(),
});

const shellFacts = z.strictObject({
  settings: shellSettings,
  platform: z.string(),
  /** The mark in the tray can be seen here. */
  hasTray: z.boolean(),
  update: updateState,
  /** The system keeps secrets for this user. */
  protectsSecrets: z.boolean(),
});

const nothing = z.strictObject({});

export const shellCalls = {
  'shell.choose-folder': {
    params: z.strictObject({ title: z.string().max(200) }),
    result: z.object({ path: z.string().nullable() }),
  },
  /** The interface tells its language and its light: menus, dialogs and the window's frame follow. */
  'shell.appear': { params: z.strictObject({ locale: z.enum(locales), theme: z.enum(themes) }), result: nothing },
  'shell.facts': { params: nothing, result: shellFacts },
  /** Changes what is named. */
  'shell.set': { params: shellSettings.partial(), result: shellFacts },
  'shell.update': { params: z.strictObject({ do: z.enum(['check', 'fetch', 'install']) }), result: shellFacts },
} as const;

export type ShellCallName = keyof typeof shellCalls;
export type ShellSettings = z.output<typeof shellSettings>;
export type ShellFacts = z.output<typeof shellFacts>;
export type UpdateState = z.output<typeof updateState>;
