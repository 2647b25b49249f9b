/** What is built into the app, by the licence of each; a test compares this with what is installed. */
export const madeWith: Readonly<Record<string, readonly string[]>> = {
  MIT: [
    '@peculiar/x509',
    '@tanstack/react-virtual',
    '@xyflow/react',
    'basic-ftp',
    'css-tree',
    'electron',
    'electron-updater',
    'ftp-srv',
    'htmlparser2',
    'picomatch',
    'pino',
    'react',
    'react-dom',
    'ws',
    'zod',
    'zustand',
  ],
  'Apache-2.0': ['reflect-metadata'],
};
