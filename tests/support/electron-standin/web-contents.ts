import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { app } from './api/app.ts';
import { IpcMain, ipcMain } from './api/ipc.ts';
import { fromBrowser, handlerOf, session, toBrowser } from './api/protocol.ts';
import type { Session } from './cdp.ts';
import { makeCodec } from './clone.ts';
import { BINDING, isolatedWorldSource, mainWorldSource, QUESTION, RECEIVE, WORLD } from './page-worlds.ts';
import { MessagePortMain, type PortMessage, PortPipe } from './ports.ts';
import { browser, event, note } from './runtime.ts';

export interface WebPreferences {
  readonly preload?: string;
  readonly additionalArguments?: readonly string[];
}

type FromPage =
  | PortMessage
  | {
      readonly t: 'send';
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly ports?: readonly string[];
    }
  | { readonly t: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly t: 'preload-error'; readonly message: string };

type OpenHandler = (details: { url: string; disposition: string; frameName: string; features: string }) => {
  action: 'allow' | 'deny';
};

interface CallFrame {
  readonly callFrameId: string;
  readonly functionName: string;
}

interface PausedRequest {
  readonly requestId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly postData?: string;
  };
  readonly resourceType: string;
  readonly frameId: string;
}

const codec = makeCodec();
/** Unguessable, so that a page cannot speak as its preload. */
const key = `__bridge${crypto.randomUUID()}`;
let lastId = 0;
let documents = 0;

/** The page of a window: one target of the browser. */
export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly session = session.defaultSession;
  readonly ipc = new IpcMain();
  readonly mainFrame: { readonly url: string };
  /** Resolves when the target is there, and everything that must precede its first document. */
  readonly opened: Promise<void>;
  targetId = '';
  #url = '';
  #title = '';
  #gone = false;
  #zoomFactor = 1;
  #painted = false;
  #context: string | undefined;
  #frameId = '';
  #pipe = new PortPipe((message) => this.#push(message), 'm0_');
  #cdp: Session | undefined;
  #openHandler: OpenHandler | undefined;
  /** The URL that the app itself loads: no navigation of the page's. */
  #loading: string | undefined;

  constructor(preferences: WebPreferences, size: { width: number; height: number }) {
    super();
    this.mainFrame = frameOf(() => this.#url);
    this.opened = this.#open(preferences, size);
  }

  get cdp(): Session {
    if (this.#cdp === undefined) throw new Error('stand-in: the page is not there yet');
    return this.#cdp;
  }

  async loadURL(url: string): Promise<void> {
    await this.opened;
    this.#url = url;
    this.#loading = toBrowser(url);
    const loaded = new Promise<void>((resolve) => this.once('did-finish-load', () => resolve()));
    const { errorText } = await this.cdp.send('Page.navigate', { url: this.#loading });
    if (errorText === undefined) {
      await loaded;
      return;
    }
    this.emit('did-fail-load', event(), -2, errorText, url, true);
    throw new Error(`${errorText} (-2) loading '${url}'`);
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.#push({ t: 'send', channel, args });
  }

  postMessage(channel: string, data: unknown, transfer: readonly MessagePortMain[] = []): void {
    this.#push({ t: 'send', channel, args: [data], ports: this.#pipe.give(transfer.map((port) => port.take())) });
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.cdp.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  /** Kept, not applied: a browser without a screen has no such zoom. */
  setZoomFactor(factor: number): void {
    this.#zoomFactor = factor;
  }

  getZoomFactor(): number {
    return this.#zoomFactor;
  }

  getURL(): string {
    return this.#url;
  }

  getTitle(): string {
    return this.#title;
  }

  isDestroyed(): boolean {
    return this.#gone;
  }

  reload(): void {
    this.#loading = toBrowser(this.#url);
    void this.cdp.send('Page.reload');
  }

  close(): void {
    this.emit('close-requested');
  }

  openDevTools(): void {
    note('webContents.openDevTools');
  }

  /** The target is gone, or is about to be. */
  destroyed(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#pipe.closeAll();
    this.emit('destroyed');
  }

  async #open({ preload, additionalArguments = [] }: WebPreferences, size: object): Promise<void> {
    const { targetId } = await browser().send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size });
    this.targetId = targetId;
    const { sessionId } = await browser().send('Target.attachToTarget', { targetId, flatten: true });
    const cdp = browser().session(sessionId);
    this.#cdp = cdp;
    this.#listen(cdp);
    this.#frameId = (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
    const info = {
      nonce: this.id,
      platform: process.platform,
      arch: process.arch,
      versions: process.versions,
      argv: [process.execPath, ...additionalArguments],
    };
    const source = isolatedWorldSource(key, info, preload === undefined ? '' : readFileSync(preload, 'utf8'));
    await Promise.all([
      cdp.send('Page.enable'),
      cdp.send('Runtime.enable'),
      cdp.send('Debugger.enable'),
      cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldSource(key) }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', { worldName: WORLD, source }),
      // The app's own schemes are answered by the app; every document that a page wants to go to is asked for first.
      cdp.send('Fetch.enable', { patterns: [{ urlPattern: 'https://*.invalid/*' }, { resourceType: 'Document' }] }),
    ]);
  }

  #listen(cdp: Session): void {
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === WORLD && context.auxData?.frameId === this.#frameId) this.#context = context.uniqueId;
    });
    cdp.on('Runtime.executionContextsCleared', () => {
      this.#context = undefined;
      this.#pipe.closeAll();
      documents += 1;
      this.#pipe = new PortPipe((message) => this.#push(message), `m${documents}_`);
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === BINDING) void this.#receive(codec.decode(payload) as FromPage);
    });
    cdp.on('Debugger.paused', ({ callFrames }) => void this.#answerQuestion(callFrames[0]));
    cdp.on('Fetch.requestPaused', (paused) => void this.#answerRequest(paused));
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined) return;
      this.#url = fromBrowser(frame.url);
      this.emit('did-navigate', event(), this.#url);
    });
    cdp.on('Page.domContentEventFired', () => this.emit('dom-ready', event()));
    cdp.on('Page.loadEventFired', () => {
      if (this.#url === 'about:blank') return;
      this.emit('did-finish-load', event());
      if (!this.#painted) this.emit('painted');
      this.#painted = true;
    });
    cdp.on('Inspector.targetCrashed', () => {
      this.emit('render-process-gone', event(), { reason: 'crashed', exitCode: 1 });
    });
  }

  /** A page opened by this one: `allow` leaves it, `deny` closes it again. */
  openedChild(targetId: string, url: string): void {
    const details = { url: fromBrowser(url), disposition: 'new-window', frameName: '', features: '' };
    const { action } = this.#openHandler?.(details) ?? { action: 'allow' as const };
    note('webContents.windowOpen', details.url, action);
    if (action !== 'deny') return;
    void closeChild(targetId).catch(() => undefined);
  }

  #push(message: object): void {
    if (this.#gone || this.#context === undefined) return;
    const expression = `${RECEIVE}(${JSON.stringify(codec.encode(message))})`;
    // The document may go while this is under way; what was for it goes with it.
    void this.cdp.send('Runtime.evaluate', { expression, uniqueContextId: this.#context }).catch(() => undefined);
  }

  #eventOf(extra: object = {}): object {
    return { sender: this, senderFrame: this.mainFrame, type: 'frame', ports: [], ...extra };
  }

  async #receive(message: FromPage): Promise<void> {
    switch (message.t) {
      case 'port':
      case 'portclose':
        return this.#pipe.receive(message);
      case 'send': {
        const ports = this.#pipe.open(message.ports ?? []).map((port) => new MessagePortMain(port));
        const received = this.#eventOf({ ports });
        this.ipc.emit(message.channel, received, ...message.args);
        ipcMain.emit(message.channel, received, ...message.args);
        return;
      }
      case 'invoke': {
        const { id, channel, args } = message;
        try {
          const handler = this.ipc.handlers.get(channel) ?? ipcMain.handlers.get(channel);
          if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
          this.#push({ t: 'reply', id, channel, ok: await handler(this.#eventOf(), ...args) });
        } catch (error) {
          this.#push({ t: 'reply', id, channel, err: String(error) });
        }
        return;
      }
      case 'preload-error':
        console.error('Unable to load preload script', message.message);
        this.emit('preload-error', event(), '', new Error(message.message));
    }
  }

  /** The isolated world stands still for the path of a file: the browser knows it. */
  async #answerQuestion(frame: CallFrame | undefined): Promise<void> {
    try {
      if (frame?.functionName !== QUESTION) return;
      const { callFrameId } = frame;
      const { objectId = '' } = (
        await this.cdp.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'file' })
      ).result;
      const { path } = await this.cdp.send('DOM.getFileInfo', { objectId });
      await this.cdp.send('Debugger.evaluateOnCallFrame', {
        callFrameId,
        expression: `answer = ${JSON.stringify(path)}`,
      });
    } catch (error) {
      console.error('stand-in: no answer for the page', error);
    } finally {
      await this.cdp.send('Debugger.resume').catch(() => undefined);
    }
  }

  async #answerRequest({ requestId, request, resourceType, frameId }: PausedRequest): Promise<void> {
    const url = fromBrowser(request.url);
    try {
      if (resourceType === 'Document' && !this.#mayNavigate(url, frameId === this.#frameId)) {
        await this.cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        return;
      }
      const handler = handlerOf(url);
      if (handler === undefined) {
        await this.cdp.send('Fetch.continueRequest', { requestId });
        return;
      }
      const { method, headers, postData } = request;
      const response = await handler(new Request(url, { method, headers, body: postData ?? null }));
      await this.cdp.send('Fetch.fulfillRequest', {
        requestId,
        responseCode: response.status,
        responseHeaders: Array.from(response.headers, ([name, value]) => ({ name, value })),
        body: Buffer.from(await response.arrayBuffer()).toString('base64'),
      });
    } catch {
      await this.cdp.send('Fetch.failRequest', { requestId, errorReason: 'Failed' }).catch(() => undefined);
    }
  }

  /** What the app itself loads is no navigation; everything else it may prevent. */
  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    if (isMainFrame && this.#loading === toBrowser(url)) {
      this.#loading = undefined;
      return true;
    }
    const asked = event({ url, isMainFrame, isSameDocument: false, frame: this.mainFrame });
    this.emit('will-frame-navigate', asked);
    if (isMainFrame && !asked.defaultPrevented) this.emit('will-navigate', asked, url);
    return !asked.defaultPrevented;
  }
}

/** The test's own client holds a new page until it has attached to it; closed while it is held, it would hold its opener for good. */
async function closeChild(targetId: string): Promise<void> {
  const { sessionId } = await browser().send('Target.attachToTarget', { targetId, flatten: true });
  await browser().session(sessionId).send('Runtime.runIfWaitingForDebugger');
  await browser().send('Target.closeTarget', { targetId });
}

function frameOf(url: () => string): { readonly url: string; readonly parent: null } {
  return {
    parent: null,
    get url() {
      return url();
    },
  };
}

export function announce(contents: WebContents): void {
  app.emit('web-contents-created', event(), contents);
}
