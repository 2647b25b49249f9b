#!/usr/bin/env node
import './cli/require-node.ts';
import { main } from './cli/main.ts';
import { processIo } from './cli/process-io.ts';

// Deprecations are for those who write the code, not for those who run it (ftp-srv calls url.parse).
process.noDeprecation = true;

// A reader that has seen enough (`lockstep history | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), processIo());
