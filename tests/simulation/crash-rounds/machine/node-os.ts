/** In the place of `node:os`: a machine was started when its generation began. */
export * from 'node:os';
export { uptime } from './time.ts';
