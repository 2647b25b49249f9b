import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BUSY_MILLIS } from './backup.ts';

/** As a text: so it is in no file that a bundle would have to hold. */
const COPY = `
const { DatabaseSync } = require('node:sqlite');
const { workerData } = require('node:worker_threads');
const database = new DatabaseSync(workerData.from, { readOnly: true, timeout: workerData.timeout });
try {
  database.prepare('VACUUM INTO ?').run(workerData.to);
} finally {
  database.close();
}
`;

/** Copies a database into an empty file in a thread of its own: a large one takes its time, and whoever uploads does not wait for it. */
export async function copyAside(from: string, to: string): Promise<void> {
  const worker = new Worker(COPY, { eval: true, workerData: { from, to, timeout: BUSY_MILLIS } });
  // What it fails with comes as an `error`, and rejects.
  await once(worker, 'exit');
}
