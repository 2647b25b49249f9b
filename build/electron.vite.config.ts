import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { alias, external, target } from './bundle.ts';
import { out, root } from './run.ts';

const entry = (file: string): string => resolve(root, 'electron', 'entry', file);

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      outDir: resolve(out, 'main'),
      target,
      externalizeDeps: false,
      rolldownOptions: {
        input: { main: entry('main.ts'), 'engine-process': entry('engine-process.ts') },
        external,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(out, 'preload'),
      target,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: resolve(root, 'electron', 'preload', 'preload.ts') },
        external,
        // A sandboxed preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(out, 'renderer'),
      minify: true,
      // Kilobytes: it comes from the disk or over loopback, so that parts of it to be loaded later would gain nothing.
      chunkSizeWarningLimit: 1500,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: resolve(root, 'renderer', 'index.html') },
    },
  },
});
