import { registerHooks } from 'node:module';

/** Loaded before anything else: `electron` is the stand-in's module from here on. */
const url = new URL('./electron.ts', import.meta.url).href;
const names = new Set(['electron', 'electron/main', 'electron/common', 'electron/utility']);

registerHooks({
  resolve: (specifier, context, next) =>
    names.has(specifier) ? { url, format: 'module-typescript', shortCircuit: true } : next(specifier, context),
});
