import { writeFileSync } from 'node:fs';

/**
 * Imported first: what Linux writes to a file where a process crashes holds nothing of its memory, in which keys and passwords stand.
 * The file may lie in the folder of a site. Processes that are started from here inherit that, the engine of the app above all.
 */
try {
  writeFileSync('/proc/self/coredump_filter', '0');
} catch {
  // Another system, or a kernel that writes none.
}
