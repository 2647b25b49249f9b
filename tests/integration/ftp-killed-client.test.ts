import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startFtp, PASSWORD } from '../support/ftp-server.ts';

const KILLS = 40;

/** Uploads without end, in whole blocks and now and then resting, as a program does that reads what it sends. */
const client = `
const { connect } = require('node:net');
const [port, name] = process.argv.slice(1);
const control = connect(Number(port), '127.0.0.1');
const say = (line) => control.write(line + '\\r\\n');
let data;
control.on('data', (bytes) => {
  const text = String(bytes);
  if (text.startsWith('220')) say('USER publisher');
  if (text.startsWith('331')) say('PASS ${PASSWORD}');
  if (text.startsWith('230')) say('EPSV');
  if (text.startsWith('229')) data = connect(Number(/\\|(\\d+)\\|/.exec(text)[1]), '127.0.0.1', () => say('STOR ' + name));
  if (text.startsWith('150')) {
    process.stdout.write('sending');
    const send = () => data.write(Buffer.alloc(8192), () => setTimeout(send, Math.random() * 3));
    send();
  }
});
`;

test('a client that is killed in mid-upload has published nothing', async () => {
  const ftp = await startFtp();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, ['-e', client, String(ftp.port), `file-${kill}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    child.kill('SIGKILL');
    await exited;
  }
  await expect.poll(() => ftp.record.length).toBe(KILLS);
  // The wait for one may last into the next upload.
  const broken = Array.from({ length: KILLS }, (_, kill) => `broken file-${kill} control-lost`);
  expect(ftp.record.toSorted()).toEqual(broken.toSorted());
  expect((await readdir(ftp.root)).filter((name) => name !== '.lockstep')).toEqual([]);
});
