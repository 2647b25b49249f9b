/** A command line as read. `arg` is what stands after the first space, untouched: names may begin and end with spaces. */
export type Command =
  | { readonly kind: 'command'; readonly verb: string; readonly arg: string }
  | { readonly kind: 'malformed'; readonly why: string };

/** RFC 959 §5.3.1, in UTF-8 (RFC 2640). An empty line is malformed too. */
export function parseCommand(line: Buffer): Command {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    return { kind: 'malformed', why: 'Names must be in UTF-8: switch your client to it.' };
  }
  if (text.includes('\0') || text.includes('\r')) {
    return { kind: 'malformed', why: 'A command must not hold NUL or CR: take them out of the name.' };
  }
  const space = text.indexOf(' ');
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase();
  if (!/^[A-Z]{3,8}$/.test(verb))
    return { kind: 'malformed', why: 'This is not an FTP command: HELP lists those there are.' };
  return { kind: 'command', verb, arg: space < 0 ? '' : text.slice(space + 1) };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
