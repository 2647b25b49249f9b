import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { fuses } from './builder.ts';

/** How a fuse stands in the executable. */
const OFF = 48;
const ON = 49;
const REMOVED = 114;

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

/** Reads the fuses of a packed executable (or of an `.app`) back. What is not as it should be, in words; none: all are. */
export async function fuseFaults(executable: string): Promise<string[]> {
  const wire: Readonly<Partial<Record<FuseV1Options, number>>> = await getCurrentFuseWire(executable);
  return Object.entries(options).flatMap(([name, option]) => {
    const wanted = fuses[name as keyof typeof fuses] ? ON : OFF;
    const found = wire[option];
    return found === wanted ? [] : [`${name} is ${stateText(found)}, not ${stateText(wanted)}`];
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
