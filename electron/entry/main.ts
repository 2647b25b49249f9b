import './empty-dumps.ts';
import { join } from 'node:path';
import { runApp } from '../main/run-app.ts';

// Beside this bundle: out/main/main.js, out/preload, out/renderer.
runApp({
  engine: join(import.meta.dirname, 'engine-process.js'),
  preload: join(import.meta.dirname, '..', 'preload', 'preload.cjs'),
  renderer: join(import.meta.dirname, '..', 'renderer'),
});
