import { ensureBuilt } from './built.ts';

/** Before what shows the interface in a browser: it is built where it is not, or is older than its sources. */
if (!(await ensureBuilt())) process.exitCode = 1;
