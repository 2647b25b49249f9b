import type { Messages } from '../i18n/en.ts';

const isApple = navigator.platform.startsWith('Mac');

/** The modifier of this machine's shortcuts, with a key. */
export function withModifier(key: string): string {
  return isApple ? `⌘${key}` : `Ctrl ${key}`;
}

export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: keyof Messages['frame']['keyboard']['keys'];
}

/** What the keyboard does, for the map of it: everywhere, and in lists. */
export const shortcuts: Readonly<Record<keyof Messages['frame']['keyboard']['parts'], readonly Shortcut[]>> = {
  everywhere: [
    { keys: [withModifier('K')], does: 'search' },
    { keys: [withModifier('1–9'), 'Alt 1–9'], does: 'screen' },
    { keys: [withModifier('Z')], does: 'undo' },
    { keys: ['?'], does: 'map' },
    { keys: ['Esc'], does: 'close' },
    { keys: ['Tab', 'Shift Tab'], does: 'next' },
  ],
  lists: [
    { keys: ['↑', '↓'], does: 'move' },
    { keys: ['Home', 'End'], does: 'ends' },
    { keys: ['Page Up', 'Page Down'], does: 'page' },
    { keys: ['Enter', 'Space'], does: 'open' },
  ],
};

/** Not one modifier alone, or one that makes a character: `{` is AltGr with 7 for some, which Windows calls Ctrl with Alt. */
export function isTyping(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, shiftKey, target } = event;
  const modifiers = [ctrlKey, metaKey, altKey].filter(Boolean).length;
  if (modifiers !== 1 || shiftKey || event.getModifierState('AltGraph')) return true;
  return altKey && target instanceof Element && target.matches('input, textarea, select');
}
