/** What electron-builder reads to ask Apple for a notarisation: the names of one line, all of them. */
const WAYS = [
  ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
  ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
  ['APPLE_KEYCHAIN_PROFILE'],
] as const;
/** What it signs with, where that is not found in the keychain. */
const SIGNS = ['CSC_LINK', 'CSC_NAME'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a Mac app is signed with a certificate of Apple's, whoever it is for. */
export function signsForMac(environment: Environment): boolean {
  return SIGNS.some((name) => isSet(environment, name));
}

/**
 * Why an app for macOS that is signed could not be notarised; undefined: it can. Gatekeeper refuses what is signed and not
 * notarised, and electron-builder only warns of it. Values are never repeated.
 */
export function notarisationFault(environment: Environment): string | undefined {
  const missing = WAYS.map((names) => names.filter((name) => !isSet(environment, name)));
  if (missing.some((names) => names.length === 0)) return undefined;
  const begun = missing.find((names, way) => names.length < (WAYS[way]?.length ?? 0));
  return `an app for macOS that is signed has to be notarised, or no Mac opens it: set ${(begun ?? WAYS[0]).join(', ')}`;
}

function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? '') !== '';
}
