import { Readable } from 'node:stream';
import type { Client } from 'basic-ftp';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { siteRules } from '../../shared/contract/rules.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { type CrawlReport, startCrawler } from '../support/crawler.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { type Files, linkedSite, republish, seeded } from '../support/linked-site.ts';
import { MIRROR_PASSWORD, type TestMaster } from '../support/master-and-mirror.ts';

/** Generations that follow the first; more, of a larger site, with LOCKSTEP_CRAWLS. Another site with LOCKSTEP_SEED. */
const LONG_TRIAL = process.env['LOCKSTEP_CRAWLS'];
const CRAWLS = Number(LONG_TRIAL ?? 2);
const SEED = Number(process.env['LOCKSTEP_SEED'] ?? 1);
const PAGES = LONG_TRIAL === undefined ? 120 : 300;
const ASSETS = LONG_TRIAL === undefined ? 30 : 40;
const TIMEOUT = 300_000 + CRAWLS * 30_000;
const LONG = 3_600_000;
/** Links wait as long as it takes: then a link that leads nowhere is always a fault of the order. */
const PATIENT = { missing: LONG, late: LONG, deleted: LONG };

interface Trial {
  readonly rules: z.input<typeof siteRules>;
  readonly moves: boolean;
  readonly whole: boolean;
  /** One generation to the next. */
  readonly publish: (client: Client, before: Files, after: Files, master: TestMaster) => Promise<void>;
  /** Generations come faster than they are published. */
  readonly hurried?: boolean;
  readonly generations?: number;
}

async function crawl({
  rules,
  moves,
  whole,
  publish,
  hurried = false,
  generations = CRAWLS,
}: Trial): Promise<CrawlReport[]> {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.rules(rules);
  const site = linkedSite({ seed: SEED, pages: PAGES, assets: ASSETS, moves });
  const client = await ftpLogin({ port: master.port, user: 'up', password: MIRROR_PASSWORD });
  for (const folder of site.folders) await client.ensureDir(`/${folder}`);
  await client.cd('/');
  const random = seeded(SEED);
  let before: Files = new Map();
  const next = async (generation: number): Promise<void> => {
    const after = site.generation(generation);
    await publish(client, before, after, master);
    before = after;
    if (generation === 0 || !hurried || random() < 0.5) await mirror.inStep(master);
  };
  await next(0);
  const crawlers = (['files', 'http'] as const).map((through) =>
    startCrawler({ root: mirror.rootFolder, through, whole }),
  );
  for (let generation = 1; generation <= generations; generation += 1) await next(generation);
  await mirror.inStep(master);
  const reports = await Promise.all(crawlers.map((crawler) => crawler.stop()));
  if (LONG_TRIAL !== undefined) process.stderr.write(`${reports.map((report) => JSON.stringify(report)).join('\n')}\n`);
  for (const { rounds } of reports) expect(rounds).toBeGreaterThan(0);
  return reports;
}

function expectNoFaults(reports: readonly CrawlReport[]): void {
  expect(reports.map(({ faults }) => faults)).toEqual([[], []]);
}

const inRandomOrder = (client: Client, before: Files, after: Files): Promise<void> =>
  republish(client, before, after, seeded(before.size + after.size + SEED));

test('no link leads nowhere while files come, go and are renamed in random order', { timeout: TIMEOUT }, async () => {
  expectNoFaults(
    await crawl({ rules: { links: PATIENT }, moves: true, whole: false, publish: inRandomOrder, hurried: true }),
  );
});

test('with a release for each generation no page has an older file', { timeout: TIMEOUT }, async () => {
  const publish: Trial['publish'] = async (client, before, after) => {
    await client.send('SITE RELEASE BEGIN next');
    await inRandomOrder(client, before, after);
    await client.send('SITE RELEASE COMMIT');
  };
  expectNoFaults(await crawl({ rules: {}, moves: true, whole: true, publish, hurried: true }));
});

test('with a group over the site that waits for its publisher no page has an older file', {
  timeout: TIMEOUT,
}, async () => {
  const rules: Trial['rules'] = {
    groups: [{ name: 'site', members: ['**'], rule: 'release' }],
    links: PATIENT,
  };
  const publish: Trial['publish'] = async (client, before, after, master) => {
    await inRandomOrder(client, before, after);
    await master.site.setRules(
      (now, seq) => ({ ...now, groups: now.groups.map((group) => ({ ...group, committed: seq })) }),
      { account: 'tester' },
    );
  };
  expectNoFaults(await crawl({ rules, moves: true, whole: true, publish }));
});

test('with a group over the site that settles no page has an older file', { timeout: TIMEOUT }, async () => {
  const rules: Trial['rules'] = {
    groups: [{ name: 'site', members: ['**'], rule: 'settle', settle: 5_000 }],
    links: PATIENT,
  };
  expectNoFaults(await crawl({ rules, moves: true, whole: true, publish: inRandomOrder }));
});

test('the crawler sees what is broken', { timeout: TIMEOUT }, async () => {
  const rules: Trial['rules'] = { links: { wait: false } };
  const [files] = await crawl({
    rules,
    moves: true,
    whole: true,
    generations: 1,
    publish: async (client, before, after) => {
      // Pages first, and the files they are made of much later.
      const isPage = ([path]: readonly [string, string]): boolean => path.endsWith('.html');
      const pages = [...after].filter(isPage);
      await republish(client, new Map(), new Map(pages), seeded(1));
      await republish(client, before, after, seeded(2));
      await client.uploadFrom(Readable.from(['late']), 'late');
    },
  });
  const faults = files?.faults ?? [];
  expect(faults.some(({ found }) => found === null)).toBe(true);
  expect(faults.some(({ found, generation }) => found !== null && found < generation)).toBe(true);
});
