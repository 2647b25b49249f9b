import { release } from 'node:os';
import { app } from 'electron';
import type { EngineSummary } from '../../shared/contract/desktop.ts';

/** What somebody who helps asks first. No names, addresses or paths. */
export function describeDiagnostics(summary: EngineSummary, hasTray: boolean): string {
  const { electron, chrome, node } = process.versions;
  const { state, role, peers, inStep, away, needCount, needs, error } = summary;
  const codes = [...new Set([...(error === undefined ? [] : [error.code]), ...needs.map((need) => need.error.code)])];
  return [
    `Lockstep ${app.getVersion()}${app.isPackaged ? '' : ' (checkout)'}`,
    `${process.platform} ${process.arch} ${release()}`,
    `Electron ${electron ?? '-'}, Chromium ${chrome ?? '-'}, Node ${node}`,
    `language ${app.getLocale()}, tray ${hasTray ? 'yes' : 'no'}`,
    `${role ?? 'not set up'}: ${state}; peers ${peers}, in step ${inStep}, away ${away}; needs ${needCount}`,
    ...(codes.length > 0 ? [`codes: ${codes.join(', ')}`] : []),
    '',
  ].join('\n');
}
