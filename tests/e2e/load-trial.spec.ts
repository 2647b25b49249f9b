import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveSite } from '../../shared/contract/live.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { expect, test } from '../support/console-page.ts';
import { type ScriptedEngine, startScriptedEngine } from '../support/scripted-engine.ts';
import { HEAD, masterStatus, peer } from '../support/statuses.ts';

/**
 * 20 mirrors and 1,000 changes a second. What is asserted is that nothing is lost and the numbers are whole; how fast it is on
 * this machine, at this hour, is printed only.
 */
const SECONDS = 6;
const MIRRORS = Array.from({ length: 20 }, (_, index) => `mirror${String(index + 1).padStart(2, '0')}`);
const BATCH_MILLIS = 80;
const PER_BATCH = 80;

const pictures = join(import.meta.dirname, '..', '..', '.cache', 'pictures');

let engine: ScriptedEngine;
test.afterEach(() => engine.stop());

test('1,000 changes a second at 20 mirrors: every one is counted, and the window answers', async ({ open }) => {
  const moving = MIRRORS.map((name, index) => peer(name, { lagMillis: 30 + 12 * index, changesPerSecond: 1000 }));
  engine = await startScriptedEngine(masterStatus(moving));
  const page = await open(engine);
  await page.getByRole('button', { name: 'Minute' }).click();
  await expect(page.getByRole('application')).toBeVisible();
  await page.evaluate(measure);
  // By the clock of the page's thread: what else goes on at this machine does not count.
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> =>
    (await metrics.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  const busyBefore = await busy();

  const batches = Math.round((SECONDS * 1000) / BATCH_MILLIS);
  const sent = batches * PER_BATCH;
  const begun = performance.now();
  for (let batch = 0; batch < batches; batch += 1) {
    await sleep(Math.max(0, begun + batch * BATCH_MILLIS - performance.now()));
    const seqs = Array.from({ length: PER_BATCH }, (_, index) => HEAD + batch * PER_BATCH + index + 1);
    engine.tell([told(seqs)]);
    if (batch % 3 === 0) engine.tick(masterStatus(moving));
  }
  const seen = await page.evaluate(finish);
  const share = (100_000 * ((await busy()) - busyBefore)) / (performance.now() - begun);
  const longest = seen.tasks.length === 0 ? '' : `, the longest ${Math.max(...seen.tasks).toFixed(0)} ms`;
  console.log(
    `  ${sent} changes to ${MIRRORS.length} mirrors in ${((performance.now() - begun) / 1000).toFixed(1)} s: ` +
      `${seen.frames} frames a second, ${seen.tasks.length} long tasks${longest}; the page took ${share.toFixed(0)} % of a processor`,
  );
  await page.screenshot({ path: join(pictures, 'score-flood.png') });

  // The window answers, and says as many as were sent, on every lane.
  await page.getByRole('button', { name: 'Hour' }).click();
  await page.getByRole('button', { name: 'Table' }).click();
  const machines = page.getByRole('table', { name: 'Machines in the score' });
  for (const name of ['origin', ...MIRRORS])
    await expect(machines.getByRole('row', { name: new RegExp(`^${name}`) })).toContainText(
      sent.toLocaleString('en-US'),
    );
  // No revision was missed: nothing was asked anew.
  expect(engine.snapshots).toBe(1);
});

function told(seqs: readonly number[]): LiveSite {
  const at = Date.now();
  return {
    site: 'www',
    changes: seqs.map((seq) => ({
      seq,
      op: 'put',
      path: `news/2026/11/story-${seq}.html` as SitePath,
      size: 4096,
      at: at - 40 + (seq % 40),
      by: 'editor',
    })),
    peers: MIRRORS.map((name, index) => ({
      peer: name,
      published: { seqs: [...seqs], ats: seqs.map((seq) => at + ((seq * 7 + index * 13) % 60)) },
      states: [],
    })),
  };
}

interface Measured {
  readonly frames: number;
  readonly tasks: readonly number[];
}

/** In the page: counts frames and long tasks. */
function measure(): void {
  const state = { begun: performance.now(), frames: 0, tasks: [] as number[] };
  const observer = new PerformanceObserver((list) =>
    state.tasks.push(...list.getEntries().map(({ duration }) => duration)),
  );
  observer.observe({ type: 'longtask' });
  const frame = (): void => {
    state.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  Object.assign(globalThis, { measured: state });
}

function finish(): Measured {
  const { measured } = globalThis as unknown as { measured: { begun: number; frames: number; tasks: number[] } };
  return {
    frames: Math.round((1000 * measured.frames) / (performance.now() - measured.begun)),
    tasks: [...measured.tasks],
  };
}
