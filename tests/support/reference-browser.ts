import { chromium } from '@playwright/test';
import { findChromium } from '../../build/chromium.mjs';
import { quietSwitches } from './electron-standin/chromium.ts';
import { type SamplePage, urlOfPage } from './reference-pages.ts';

export interface ReferenceBrowser {
  /** The absolute URLs of what the browser loads when it shows a page, and of what the page's tree names. Nothing reaches the network. `sheets`: the style sheets that it finds, by path. */
  show(
    page: Pick<SamplePage, 'path' | 'html'>,
    sheets?: Readonly<Record<string, string>>,
  ): Promise<{ readonly loaded: string[]; readonly named: string[] }>;
  stop(): Promise<void>;
}

/** Undefined where there is no Chromium. */
export async function startReferenceBrowser(): Promise<ReferenceBrowser | undefined> {
  const executablePath = findChromium();
  if (executablePath === undefined) return undefined;
  const browser = await chromium.launch({ executablePath, args: [...quietSwitches] });
  return {
    stop: () => browser.close(),
    async show(sample, sheets = {}) {
      const found = new Map(Object.entries(sheets).map(([path, css]) => [urlOfPage({ path }), css]));
      const context = await browser.newContext({ javaScriptEnabled: false, serviceWorkers: 'block' });
      const loaded: string[] = [];
      await context.route('**/*', async (route) => {
        const url = route.request().url();
        if (url === urlOfPage(sample)) {
          await route.fulfill({ contentType: 'text/html', body: sample.html });
          return;
        }
        loaded.push(url);
        const css = found.get(url);
        if (css !== undefined) await route.fulfill({ contentType: 'text/css', body: css });
        else await route.fulfill({ status: 404, contentType: 'text/plain', body: '' });
      });
      const page = await context.newPage();
      await page.goto(urlOfPage(sample), { waitUntil: 'networkidle' });
      const named = await page.evaluate(namedInDocument);
      await context.close();
      return { loaded, named };
    },
  };
}

/** Runs in the page. */
function namedInDocument(): string[] {
  const urls: string[] = [];
  const take = (...values: unknown[]): void => {
    for (const value of values) {
      if (typeof value === 'string') urls.push(value);
      else if (value instanceof SVGAnimatedString) urls.push(new URL(value.baseVal, document.baseURI).href);
    }
  };
  const fromStyle = (value: string): void => {
    for (const [, url] of value.matchAll(/url\("((?:[^"\\]|\\.)*)"\)/g)) take(url?.replaceAll(/\\(.)/g, '$1'));
  };
  const visit = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll('*')) {
      const properties = new Map<string, readonly string[]>([
        ['A', ['href']],
        ['AREA', ['href']],
        ['IMG', ['src', 'currentSrc']],
        ['SOURCE', ['src']],
        ['VIDEO', ['src', 'poster']],
        ['AUDIO', ['src']],
        ['TRACK', ['src']],
        ['IFRAME', ['src']],
        ['EMBED', ['src']],
        ['OBJECT', ['data']],
        ['FORM', ['action']],
      ]).get(element.tagName);
      // An attribute that is not there or empty reads as the page's own URL here, and there.
      for (const property of properties ?? []) take(Reflect.get(element, property));
      if (
        element instanceof HTMLLinkElement &&
        /stylesheet|icon|preload|manifest|canonical|alternate|next|prev/i.test(element.rel)
      ) {
        if (!/dns-|preconnect/.test(element.rel)) take(element.href);
      }
      if (element instanceof HTMLScriptElement && !element.type.startsWith('text/x-')) take(element.src);
      if (element instanceof HTMLInputElement && element.type === 'image') take(element.src, element.formAction);
      if (element instanceof HTMLButtonElement) take(element.formAction);
      if (element instanceof HTMLMetaElement && /^refresh$/i.test(element.httpEquiv)) {
        const url = /^\d+;\s*url='?([^']*)/i.exec(element.content)?.[1];
        if (url !== undefined) take(new URL(url, document.baseURI).href);
      }
      if (element instanceof SVGElement) take(Reflect.get(element, 'href'));
      for (const pseudo of [undefined, '::before']) {
        const style = getComputedStyle(element, pseudo);
        fromStyle(style.backgroundImage);
        fromStyle(style.content);
      }
      if (element.shadowRoot !== null) visit(element.shadowRoot);
    }
    for (const sheet of root.styleSheets) {
      try {
        for (const rule of sheet.cssRules)
          if (rule instanceof CSSImportRule) take(new URL(rule.href, document.baseURI).href);
      } catch {
        // The rules of a sheet that was not loaded cannot be read.
      }
    }
  };
  visit(document);
  return urls.filter((url) => /^https?:/.test(url));
}
