import type { DesktopSettings } from './desktop-settings.ts';

/** What closing the window does. */
export type Closing = 'quit' | 'stay' | 'stay-and-tell' | 'ask';

/**
 * The engine goes on without a window as long as the person can see that it does: in the tray, or by the dock on a Mac. Where
 * there is no tray they are asked, as an app that runs unseen is nothing that anybody expects.
 */
export function decideClosing({
  settings,
  isSetUp,
  hasTray,
  platform,
}: {
  settings: Pick<DesktopSettings, 'whenClosed' | 'staysTold'>;
  /** Something runs that could go on. */
  isSetUp: boolean;
  hasTray: boolean;
  platform: NodeJS.Platform;
}): Closing {
  if (settings.whenClosed === 'quit' || !isSetUp) return 'quit';
  const isSeen = hasTray || platform === 'darwin';
  if (!isSeen && settings.whenClosed === undefined) return 'ask';
  return settings.staysTold || !isSeen ? 'stay' : 'stay-and-tell';
}
