import { setTimeout as delay } from 'node:timers/promises';

const POLL_MILLIS = 500;

/**
 * What the first page of a Chromium with `--remote-debugging-port` shows, as soon as it contains `wanted`; undefined when the
 * signal comes first.
 */
export async function waitForPageText(port: number, wanted: string, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    const text = await pageText(port).catch(() => '');
    if (text.includes(wanted)) return text;
    await delay(POLL_MILLIS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function pageText(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(10_000) });
  const pages = (await answer.json()) as { type: string; webSocketDebuggerUrl?: string }[];
  const address = pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl;
  return address === undefined ? '' : evaluate(address, 'document.body.innerText');
}

function evaluate(address: string, expression: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    const timer = setTimeout(() => socket.close(), 10_000);
    socket.addEventListener('open', () =>
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })),
    );
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: { result?: { value?: string } } };
      if (id !== 1) return;
      resolve(result?.result?.value ?? '');
      socket.close();
    });
    socket.addEventListener('error', () => reject(new Error('the page cannot be asked')));
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      reject(new Error('the page has not answered'));
    });
  });
}
