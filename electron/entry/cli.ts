#!/usr/bin/env node
import './cli/require-node.ts';
import './empty-dumps.ts';
import { EXIT } from './cli/command.ts';
import { main } from './cli/main.ts';
import { processIo } from './cli/process-io.ts';

// Deprecations are for those who write the code, not for those who run it (ftp-srv calls url.parse).
process.noDeprecation = true;

let isUnsaid = false;

// A reader that has seen enough (`lockstep history | head`) is no failure. Where what is printed goes to a disk that is full, a service goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  if (!isUnsaid) process.stderr.write(`lockstep: What was to be printed could not be written (${error.code}).\n`);
  isUnsaid = true;
  process.exitCode ||= EXIT.failed;
});
// There is nobody left to tell.
process.stderr.on('error', () => undefined);

const code = await main(process.argv.slice(2), processIo());
process.exitCode = code === EXIT.done && isUnsaid ? EXIT.failed : code;
