import { type Reply, reply } from '../reply.ts';

/** Commands that RFCs describe and that there are none of here. */
const KNOWN = new Set(
  'ADAT AVBL CONF CSID ENC LANG LPRT LPSV MAIL MFCT MFF MIC MLFL MRCP MRSQ MSAM MSND MSOM SMNT XCRC XSEM XSEN'.split(
    ' ',
  ),
);

/** 502 to a command that there could be, 500 to what is none (RFC 959 §4.2.2). */
export function notServed(name: string): Reply {
  return KNOWN.has(name)
    ? reply(502, `${name} is not served here: HELP lists what is.`)
    : reply(500, `There is no command ${name}: HELP lists the commands.`);
}
