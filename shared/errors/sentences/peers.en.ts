import type { Sentences } from '../speaker.ts';

/** Links between installs, pairing and identities. */
export const peers = {
  'link.unreachable': [
    '{peer|The other install} cannot be reached{address? at %|}{reason?: %|}.',
    'Check that it runs and that no firewall is between; once the two are paired it is tried again by itself.',
  ],
  'link.foreign': [
    'What answers{address? at %|} is not Lockstep.',
    'Make sure that the address and the port are those of the link, and that no proxy is between.',
  ],
  'link.lost': ['The connection to {peer|the other install} broke off{reason?: %|}.', 'It is opened again by itself.'],
  'link.stopped': ['The other install was stopped.', 'Start it again; the link then opens by itself.'],
  'link.replaced': [
    '{from?Two installs with one identity are running (at %), and take the link from each other.|A newer link of the same install took the place of this one.}',
    '{from?At % stop the one that is not wanted: a copy, or the old data folder of an install that was restored elsewhere.|Nothing to do.}',
  ],
  'link.renewed': [
    'The link was closed to be opened anew, as what this install says when it opens has changed.',
    'Nothing to do: it opens again by itself.',
  ],
  'link.timeout': [
    '{peer|The other install} has not answered{address? at %|} in time.',
    'Check the network; it is tried again by itself.',
  ],
  'link.unknown-peer': [
    '{peer|The other install} does not know this install{address? (at %)|}.',
    'Pair the two again: lockstep follow remove{same|} here, lockstep invite at the master, lockstep join{same|} here, into the same folder, whose files stay.',
    'Pair the two again: stop following it here, make a pairing code at the master and enter it here, with the same folder, whose files stay.',
  ],
  'link.certificate': [
    '{address|The address of the other install} shows another certificate than the one that was agreed at pairing.',
    'Make sure that the address is right; if the other side was set up anew, pair the two again.',
  ],
  'link.malformed': [
    '{peer|The other install} sent something that is not a message of Lockstep{reason?: %|}.',
    'Bring both sides to the same version.',
  ],
  'link.version': [
    '{peer|The other install} speaks another version of the protocol{theirs? (%)|}.',
    'Bring both sides to the same version.',
  ],
  'link.limit': [
    '{peer|The other install} sent more than is allowed{reason?: %|}.',
    'The link is opened again by itself; if it stays, bring both sides to the same version.',
  ],
  'multicast.group': [
    'A site cannot be announced to {group?“%”|this group}{reason?: %|}.',
    'Set a group such as 239.255.70.84 or ff15::7084, a port, and where it needs one an interface, in config.json.',
  ],
  'multicast.interface': [
    'The interface {interface?“%” |}of the multicast group cannot be used now{reason?: %|}.',
    'Connect it, or name another one in config.json; it is tried again by itself, and changes come through the link.',
  ],
  'multicast.failed': [
    'The system does not let multicast to {group|the group} pass{reason?: %|}.',
    'Allow it, or take it out of config.json; it is tried again by itself, and changes come through the link.',
  ],
  'pair.bad-code': [
    'This is not a whole pairing code.',
    'Copy the line that lockstep invite printed once more.',
    'Copy the code that the master shows once more, all of it.',
  ],
  'pair.expired': [
    'This pairing code is no longer valid.',
    'Make a new one at the master: lockstep invite.',
    'Make a new one at the master, under Mirrors.',
  ],
  'pair.used': [
    'This pairing code was used before.',
    'Make a new one at the master: lockstep invite.',
    'Make a new one at the master, under Mirrors.',
  ],
  'pair.followed': [
    'This mirror already follows {site?the site “%”|a site of that name}.',
    'To pair it anew, or to fill another folder with it, no longer follow it first: lockstep follow remove{same|}. Its files stay.',
    'To pair it anew, or to fill another folder with it, stop following it first. Its files stay.',
  ],
  'pair.name-followed': [
    'This mirror already follows a site {site?“%”|of that name}, {peer?of the master “%”|of another master}; the code is of another one.',
    'If that master was set up anew, no longer follow it first: lockstep follow remove{same|}. To follow both, make another install for this one, with a data folder of its own.',
    'If that master was set up anew, stop following it first. To follow both, make another install for this one, with a data folder of its own.',
  ],
  'pair.other-site': [
    'The master offers {theirs?the site “%”|another site}, not {site?the site “%”|the one} of the code. Nothing was joined.',
    'Ask whoever runs the master for a new code.',
  ],
  'pair.refused': [
    'The master refused to pair{reason?: %|}.',
    'Make a new code at the master: lockstep invite.',
    'Make a new code at the master, under Mirrors.',
  ],
  'peer.unknown': [
    'No install {peer?“%”|of that name} is paired with this one.',
    'lockstep peer list{same|} names them.',
    'The installs that are paired stand under Mirrors.',
  ],
  'peer.dials-us': [
    '{peer|This peer} opens the link itself: this machine does not know where to reach it.',
    'Look at the other machine whether it runs and reaches this one.',
  ],
  'identity.unreadable': [
    'The identity in {folder?“%”|the data folder} cannot be read or is incomplete.',
    'Put key.pem and cert.pem back from a backup, or remove both and pair anew.',
  ],
} satisfies Partial<Sentences>;
