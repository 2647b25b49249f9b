import { type PreloadApi, preloadApiName } from '../../shared/contract/preload-api.ts';
import type { Transport } from './transport.ts';

/** The preload's object, where this page runs in the desktop app. */
export function desktopTransport(): Transport | undefined {
  const api: unknown = Reflect.get(window, preloadApiName);
  if (!isPreloadApi(api)) return undefined;
  return {
    kind: 'desktop',
    call: (name, params) => api.call(name, params),
    subscribe: (listener) => api.subscribe(listener),
    pathForFile: (file) => api.pathForFile(file),
  };
}

function isPreloadApi(value: unknown): value is PreloadApi {
  return typeof value === 'object' && value !== null && 'call' in value && 'subscribe' in value;
}
