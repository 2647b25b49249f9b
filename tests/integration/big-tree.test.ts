import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { startMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

/** More with LOCKSTEP_TREE_FILES. */
const FILES = Number(process.env['LOCKSTEP_TREE_FILES'] ?? 5000);
const FOLDERS = FILES / 100;
const MILLIS = 600_000;
/** Looking counts rows: more often it would slow down what it looks at. */
const LOOK_MILLIS = 200;

function fill(root: string): void {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    mkdirSync(join(root, `section-${folder % 20}/part-${folder}`), { recursive: true });
    for (let file = 0; file < FILES / FOLDERS; file += 1) {
      writeFileSync(
        join(root, `section-${folder % 20}/part-${folder}/${file}.html`),
        `${folder} ${file} `.repeat(file),
      );
    }
  }
}

test(
  `a tree of ${FILES} files reaches a mirror, which is stopped in the middle of it and started again`,
  async () => {
    const master = await aMaster();
    fill(master.rootFolder);
    const took = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const begun = performance.now();
      const result = await work();
      process.stdout.write(`${what}: ${Math.round(performance.now() - begun)} ms\n`);
      return result;
    };
    const found = FILES + FOLDERS + 20;
    expect(await took('first rescan', () => rescan(master.site))).toMatchObject({ found, changed: found });
    expect(await took('rescan of what is known', () => rescan(master.site))).toMatchObject({ found, changed: 0 });

    const folder = await temporaryFolder();
    const first = await startMirror(folder, 'tokyo');
    first.connect(master);
    await took('the mirror: the first part', async () => {
      while (first.site.state.files() < FILES / 10) await sleep(LOOK_MILLIS);
      await first.stop();
    });
    expect(first.bugs).toEqual([]);
    const again = await aMirror('tokyo', {}, folder);
    expect(again.site.state.files()).toBeLessThan(FILES);
    again.connect(master);
    await took('the mirror: the rest', async () => {
      while (again.site.state.files() < FILES) await sleep(LOOK_MILLIS);
      await again.inStep(master, MILLIS);
    });
    expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
  MILLIS,
);
