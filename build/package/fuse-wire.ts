import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { fuses } from './builder.ts';

/** How a fuse stands in the executable. */
const OFF = 48;
const ON = 49;
const REMOVED = 114;
/** Before each wire, which is a byte of its version, one of its length, and a byte for each fuse. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

const options: Readonly<Record<keyof typeof fuses, FuseV1Options>> = {
  runAsNode: FuseV1Options.RunAsNode,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  loadBrowserProcessSpecificV8Snapshot: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
};

/**
 * Reads the fuses of a packed executable (or of an `.app`, whose binary is of two processors) back. What is not as it should
 * be, in words; none: all are.
 */
export async function fuseFaults(executable: string): Promise<string[]> {
  const isApp = executable.endsWith('.app');
  const framework = ['Contents', 'Frameworks', 'Electron Framework.framework', 'Electron Framework'];
  return wireFaults(await readFile(isApp ? join(executable, ...framework) : executable), isApp ? 2 : 1);
}

/** The same of the bytes. A binary for several processors has a wire for each: all are read, and there have to be as many at least. */
export function wireFaults(binary: Buffer, wanted: number): string[] {
  const wires: Buffer[] = [];
  for (let at = binary.indexOf(SENTINEL); at !== -1; at = binary.indexOf(SENTINEL, at + 1))
    wires.push(binary.subarray(at + SENTINEL.length));
  const count = wires.length >= wanted ? [] : [`there are ${wires.length} wires, not ${wanted}`];
  return [...count, ...wires.flatMap((wire, index) => faultsOf(wire).map((fault) => `wire ${index + 1}: ${fault}`))];
}

function faultsOf(wire: Buffer): string[] {
  const [version, length = 0] = wire;
  if (String(version) !== FuseVersion.V1) return [`its version is ${version ?? 'not there'}`];
  const states = wire.subarray(2, 2 + length);
  return Object.entries(options).flatMap(([name, option]) => {
    const isOn = fuses[name as keyof typeof fuses];
    const found = states[option];
    return found === (isOn ? ON : OFF) ? [] : [`${name} is ${stateText(found)}, not ${stateText(isOn ? ON : OFF)}`];
  });
}

function stateText(state: number | undefined): string {
  switch (state) {
    case OFF:
      return 'off';
    case ON:
      return 'on';
    case REMOVED:
      return 'removed';
    default:
      return 'not there';
  }
}
