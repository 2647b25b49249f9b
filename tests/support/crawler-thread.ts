import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { CrawlReport, CrawlTask, Fault } from './crawler.ts';
import { HOST, stampOf } from './linked-site.ts';

/** The thread of `startCrawler`. It shares no code with the engine: links are found and followed in its own way. */

interface Site {
  /** By the path of a URL, without query; undefined: 404. */
  read(path: string): Promise<string | undefined>;
  close(): void;
}

/** After so many documents others get the processor, which the engine that is looked at needs as well. */
const DOCUMENTS_AT_ONCE = 2;
const REST_MILLIS = 3;
/** A page that is replaced while it is looked at is looked at anew, so often. */
const LOOKS_MAX = 20;
const FAULTS_MAX = 20;

class Crawl {
  readonly #site: Site;
  readonly #whole: boolean;
  readonly #faults: Fault[] = [];
  #rounds = 0;
  #documents = 0;
  #links = 0;
  #mixes = 0;
  #mixMillisMax = 0;

  constructor(site: Site, whole: boolean) {
    this.#site = site;
    this.#whole = whole;
  }

  get report(): CrawlReport {
    return {
      rounds: this.#rounds,
      documents: this.#documents,
      links: this.#links,
      faults: this.#faults,
      mixes: this.#mixes,
      mixMillisMax: this.#mixMillisMax,
    };
  }

  /** All that can be reached from the entry. */
  async round(): Promise<void> {
    const known = new Set(['/']);
    for (const path of known) {
      for (const target of await this.#document(path)) known.add(target);
      this.#documents += 1;
      if (this.#documents % DOCUMENTS_AT_ONCE === 0) await sleep(REST_MILLIS);
    }
    this.#rounds += 1;
  }

  /** Looks at one document and all that it links to. Resolves those targets that are documents. */
  async #document(path: string): Promise<string[]> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const content = await this.#site.read(path);
      // What led here was judged there.
      if (content === undefined) return [];
      const targets = linksOf(path, content);
      if (await this.#isSound(path, content, targets)) return targets.filter((target) => isDocument(target));
    }
    return [];
  }

  /**
   * False: it was replaced meanwhile. A document and its target cannot be read at the same instant, so nothing is said
   * before the document has been read again: only if it is still the same it stood beside what was found.
   */
  async #isSound(path: string, content: string, targets: readonly string[]): Promise<boolean> {
    const generation = stampOf(content) ?? Number.NaN;
    for (const target of targets) {
      this.#links += 1;
      const found = await this.#site.read(target);
      const stamp = found === undefined ? null : (stampOf(found) ?? Number.NaN);
      const differs = this.#whole && !isPage(target) && stamp !== generation;
      if (stamp !== null && !differs) continue;
      if ((await this.#site.read(path)) !== content) return false;
      if (stamp !== null && stamp > generation) await this.#mix(path, stamp);
      else this.#note({ page: path, target, generation, found: stamp, at: Date.now() });
    }
    return true;
  }

  #note(fault: Fault): void {
    const isKnown = this.#faults.some(
      ({ page, target, found }) => page === fault.page && target === fault.target && found === fault.found,
    );
    if (!isKnown && this.#faults.length < FAULTS_MAX) this.#faults.push(fault);
  }

  async #mix(path: string, until: number): Promise<void> {
    const began = performance.now();
    this.#mixes += 1;
    for (;;) {
      const stamp = stampOf((await this.#site.read(path)) ?? '');
      if (stamp === undefined || stamp >= until) break;
      if (performance.now() - began > 10_000) break;
    }
    this.#mixMillisMax = Math.max(this.#mixMillisMax, performance.now() - began);
  }
}

/** Paths of URLs on this host. */
function linksOf(path: string, content: string): string[] {
  const base = new URL(path, `https://${HOST}/`);
  const found = new Set<string>();
  const add = (link: string | undefined): void => {
    if (link === undefined || link === '') return;
    const url = new URL(link, base);
    if (url.host === HOST) found.add(url.pathname);
  };
  for (const [, link] of content.matchAll(/\b(?:href|src)="([^"]*)"/g)) add(link);
  for (const [, set = ''] of content.matchAll(/\bsrcset="([^"]*)"/g))
    for (const candidate of set.split(', ')) add(candidate.split(' ')[0]);
  for (const [, link] of content.matchAll(/url\(['"]?([^'")]*)['"]?\)/g)) add(link);
  for (const [, link] of content.matchAll(/@import "([^"]*)"/g)) add(link);
  return [...found];
}

function isPage(path: string): boolean {
  return path.endsWith('/') || path.endsWith('.html');
}

function isDocument(path: string): boolean {
  return isPage(path) || path.endsWith('.css');
}

/** As a web server maps names: a folder is its index file. */
function readIn(root: string, path: string): string | undefined {
  const named = decodeURIComponent(path);
  const file = join(root, posix.normalize(named.endsWith('/') ? `${named}index.html` : named));
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function overHttp(root: string): Promise<Site> {
  const server: Server = createServer(({ url = '/' }, response) => {
    const content = readIn(root, new URL(url, `https://${HOST}/`).pathname);
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const read = (path: string): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let content = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          content += text;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? content : undefined));
      }).on('error', reject);
    });
  const close = (): void => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  };
  return { read, close };
}

const { root, through, whole } = workerData as CrawlTask; // From `startCrawler`.
const site: Site =
  through === 'http'
    ? await overHttp(root)
    : { read: (path) => Promise.resolve(readIn(root, path)), close: () => undefined };
const crawl = new Crawl(site, whole);
let stopping = false;
parentPort?.once('message', () => {
  stopping = true;
});
while (!stopping) await crawl.round();
// One more that began after all was published.
await crawl.round();
site.close();
parentPort?.postMessage(crawl.report);
