import { expect, test } from '@playwright/test';
import { becomeReady } from '../support/electron-standin/api/app.ts';
import { BrowserWindow, followTargets } from '../support/electron-standin/api/browser-window.ts';
import { connectCdp } from '../support/electron-standin/cdp.ts';
import { startChromium } from '../support/electron-standin/chromium.ts';
import { runtime } from '../support/electron-standin/runtime.ts';

test('a page that may not open a window goes on, also where another client of the browser holds the new one', async () => {
  const chromium = await startChromium();
  try {
    runtime.cdp = await connectCdp(chromium.url);
    const client = await connectCdp(chromium.url);
    // As a test's own client, one that is too slow: it never lets go of a page that a page has opened.
    client.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.openerId === undefined)
        void client
          .session(sessionId)
          .send('Runtime.runIfWaitingForDebugger')
          .catch(() => undefined);
    });
    await client.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
    await runtime.cdp.send('Target.setDiscoverTargets', { discover: true });
    followTargets();
    becomeReady();
    const { webContents } = new BrowserWindow();
    webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    await webContents.opened;
    expect(await webContents.executeJavaScript(`open('about:blank#denied'), 'goes on'`)).toBe('goes on');
    const pages = async (): Promise<number> =>
      (await client.send('Target.getTargets')).targetInfos.filter(({ openerId }) => openerId !== undefined).length;
    await expect.poll(pages).toBe(0);
  } finally {
    runtime.cdp = undefined;
    chromium.stop();
  }
});
