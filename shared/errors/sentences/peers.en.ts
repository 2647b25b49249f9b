import type { Sentences } from '../speaker.ts';

/** Links between installs, pairing and identities. */
export const peers = {
  'link.unreachable': [
    '{peer|The other install} cannot be reached{address? at %|}{reason?: %|}.',
    'Check that it is running and that no firewall is in the way. Once the two are paired, Lockstep tries again by itself.',
  ],
  'link.foreign': [
    'What answers{address? at %|} is not Lockstep.',
    'Make sure that address and port are those of the link, and that no proxy is in the way.',
  ],
  'link.lost': ['The connection to {peer|the other install} broke off{reason?: %|}.', 'It reconnects by itself.'],
  'link.stopped': ['The other install was stopped.', 'Start it again; it then reconnects by itself.'],
  'link.replaced': [
    '{from?Two installs with one identity are running (at %) and take the link from each other.|A newer link from the same install replaced this one.}',
    '{from?At %, stop the one that should not run: a copy, or the old data folder of an install that was restored elsewhere.|Nothing to do.}',
  ],
  'link.renewed': [
    'The link was closed to be opened again, because what this install says on opening has changed.',
    'Nothing to do: it reconnects by itself.',
  ],
  'link.timeout': [
    '{peer|The other install} did not answer{address? at %|} in time.',
    'Check the network. Lockstep tries again by itself.',
  ],
  'link.unknown-peer': [
    '{peer|The other install} does not know this install{address? (at %)|}.',
    'Pair the two again: lockstep follow remove{same|} here, lockstep invite on the master, lockstep join{same|} here, into the same folder, whose files stay.',
    'Pair the two again: stop following it here, make a pairing code on the master and enter it here, with the same folder, whose files stay.',
  ],
  'link.certificate': [
    '{address|The address of the other install} shows a different certificate from the one agreed at pairing.',
    'Make sure that the address is right. If the other side was set up again, pair the two again.',
  ],
  'link.malformed': [
    '{peer|The other install} sent something that is not a Lockstep message{reason?: %|}.',
    'Install the same version on both sides.',
  ],
  'link.version': [
    '{peer|The other install} speaks a different version of the protocol{theirs? (%)|}.',
    'Install the same version on both sides.',
  ],
  'link.limit': [
    '{peer|The other install} sent more than is allowed{reason?: %|}.',
    'It reconnects by itself. If it keeps happening, install the same version on both sides.',
  ],
  'multicast.group': [
    'A site cannot be announced to {group?“%”|this group}{reason?: %|}.',
    'In config.json, set a group such as 239.255.70.84 or ff15::7084, a port, and an interface if it needs one.',
  ],
  'multicast.interface': [
    'The interface {interface?“%” |}of the multicast group cannot be used right now{reason?: %|}.',
    'Connect it, or name another in config.json. Lockstep tries again by itself; meanwhile changes come through the link.',
  ],
  'multicast.failed': [
    'The system blocks multicast to {group|the group}{reason?: %|}.',
    'Allow it, or take it out of config.json. Lockstep tries again by itself; meanwhile changes come through the link.',
  ],
  'pair.bad-code': [
    'This is not a complete pairing code.',
    'Copy the line that lockstep invite printed again.',
    'Copy the whole code from the master again.',
  ],
  'pair.expired': [
    'This pairing code is no longer valid.',
    'Make a new one on the master: lockstep invite.',
    'Make a new one on the master, under Mirrors.',
  ],
  'pair.used': [
    'This pairing code has already been used.',
    'Make a new one on the master: lockstep invite.',
    'Make a new one on the master, under Mirrors.',
  ],
  'pair.followed': [
    'This mirror already follows {site?the site “%”|a site of that name}.',
    'To pair it again or fill another folder, first stop following it: lockstep follow remove{same|}. Its files stay.',
    'To pair it again or fill another folder, first stop following it. Its files stay.',
  ],
  'pair.name-followed': [
    'This mirror already follows a site {site?“%”|of that name}, {peer?of the master “%”|of another master}; the code is for a different one.',
    'If that master was set up again, first stop following it: lockstep follow remove{same|}. To follow both, make another install for this one, with its own data folder.',
    'If that master was set up again, first stop following it. To follow both, make another install for this one, with its own data folder.',
  ],
  'pair.other-site': [
    'The master offers {theirs?the site “%”|another site}, not {site?the site “%”|the one} in the code. Nothing was joined.',
    'Ask whoever runs the master for a new code.',
  ],
  'pair.refused': [
    'The master refused to pair{reason?: %|}.',
    'Make a new code on the master: lockstep invite.',
    'Make a new code on the master, under Mirrors.',
  ],
  'peer.unknown': [
    'No install {peer?“%”|of that name} is paired with this one.',
    'lockstep peer list{same|} lists them.',
    'Paired installs are listed under Mirrors.',
  ],
  'peer.dials-us': [
    '{peer|This peer} dials this machine, which does not know where to reach it.',
    'Check on the other machine that it is running and can reach this one.',
  ],
  'identity.unreadable': [
    'The identity in {folder?“%”|the data folder} cannot be read or is incomplete.',
    'Put key.pem and cert.pem back from a backup, or remove both and pair again.',
  ],
} satisfies Partial<Sentences>;
