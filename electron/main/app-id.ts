/**
 * What Windows knows the app by: its installer's shortcut names the same, and without that no notification is shown, nor the window
 * put beside the shortcut. A test holds it together with `build/package/publisher.ts`.
 */
export const APP_ID = 'example.lockstep.desktop';
