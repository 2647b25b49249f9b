import type { Sentences } from '../speaker.ts';

/** Releases, drops and the servers that they go to. */
export const publishing = {
  'release.unknown': [
    'There is no release {release?“%”|of that name}.',
    'See them with “lockstep release list{same|}”.',
    'Choose one from the list of releases.',
  ],
  'release.no-word': [
    '{release?Release %|The release} waits for no word: each mirror shows it as soon as it has all of it.',
    'Nothing has to be done.',
  ],
  'release.open': [
    'A release is open in this session{release? (“%”)|}.',
    'Commit it with SITE RELEASE COMMIT, or give it up with SITE RELEASE ABORT.',
  ],
  'release.none-open': ['No release is open in this session.', 'Begin one with SITE RELEASE BEGIN and a name.'],
  'release.empty': ['The release holds no change.', 'Upload, rename or delete something before the commit.'],
  'release.conflict': [
    '{path?“%”|A path} was changed by somebody else in a way that does not fit the release.',
    'Look at what is there now, and make the release again.',
  ],
  'release.changed-since': [
    '{path?“%”|A file} was changed after that release.',
    'Roll back the later release first, or add --force to put the older version in its place.',
    'Roll back the later release first, or have the older version put in its place all the same.',
  ],
  'release.version-missing': [
    'The earlier version of {path?“%”|a file} is not kept any more.',
    'Upload it again; keep more versions with “versions” of the site in config.json.',
  ],
  'release.too-large': [
    'The release has more than {limit?% changes|as many changes as one may have}.',
    'Split it into several releases.',
  ],
  'release.mirrors-late': [
    '{ready?%|Some} of {of?%|the} mirrors have the release{name? “%”|}; {quorum?%|more} are needed.',
    'Wait for the others, or publish it without them.',
  ],
  'publish.unreachable': [
    '{address|The server} cannot be reached{reason?: %|}.',
    'Check the address, the port, and what firewalls are between; then go on.',
  ],
  'publish.no-tls': [
    '{address|The server} does not speak TLS: the password and the files could be read on the way.',
    'Ask for FTP over TLS at that server, or choose plain FTP for it if you trust the network.',
  ],
  'publish.unconfirmed': [
    'No authority vouches for the certificate of {address|the server}{reason? (%)|}. Nothing was sent to it.',
    'Compare its fingerprint with the one that the server’s owner tells you, then confirm it: lockstep target test{same|}, lockstep target add --fingerprint{same|}.',
    'Compare its fingerprint with the one that the server’s owner tells you, and confirm it in the target’s form.',
  ],
  'publish.certificate': [
    '{address|The server} shows another certificate than the one that was confirmed. Nothing was sent to it.',
    'Ask its owner whether it was changed; then confirm the new one.',
  ],
  'publish.login-refused': [
    '{address|The server} does not let this user in{reply?: %|}.',
    'Check the user and the password.',
  ],
  'publish.lost': ['The connection was lost{path? while “%” was sent|}{reason?: %|}.', 'It goes on where it stopped.'],
  'publish.put-off': ['The server does not take {path?“%”|this} now{reply?: %|}.', 'Wait a moment, then go on.'],
  'publish.refused': ['The server refused {path?“%”|this}{reply?: %|}.', 'Change what it objects to, then go on.'],
  'publish.interrupted': [
    'Lockstep was ended before {name?“%”|this} was published: nothing of it is visible.',
    'Start it with lockstep run{same|}, then publish it again.',
    'Publish it again.',
  ],
  'publish.left': [
    'Lockstep was ended while {name?“%”|this} was on its way{target? to %|}. At a Lockstep master all of it is visible or nothing; at another server what had arrived is.',
    'Start it with lockstep run{same|}, then publish it again: what is there is not sent anew.',
    'Publish it again: what is there is not sent anew.',
  ],
  'publish.no-room': [
    'The server has no room for {path?“%”|this}{reply?: %|}.',
    'Make room there, or leave the file out; then go on.',
  ],
  'publish.mirror-room': [
    'The drop has {bytes|more} bytes; the disk of this mirror had {free|fewer} free when it last connected.',
    'Make room there, or leave files out.',
  ],
  'publish.own-folder': [
    '{path?“%”|This} is the folder of the site {site?“%” |}itself, or stands in it, or holds it.',
    'What stands there is published already; what came without FTP is found with lockstep site rescan{same|}. Name another folder.',
    'What stands there is published already; what came without FTP is found by “Rescan”. Choose another folder.',
  ],
  'publish.version-control': [
    '{path?“%”|This} belongs to version control: on a site it would show all sources, and their past.',
    'It is left out. Where it is meant for the site, upload it by FTP.',
  ],
  'publish.own-data': [
    '{path?“%”|This} is, or is in, the data folder of a Lockstep: its key would be published.',
    'Leave it out. If it is no data folder, give the config.json in it another name.',
  ],
  'publish.same-name': [
    'Two of these have the name {name?“%”|of one}.',
    'Publish them one after the other, or give one another name.',
  ],
  'publish.delete-one-folder': [
    'Deleting what is missing needs one folder to compare with, and several things were named.',
    'Name one folder, or publish without deleting.',
  ],
  'publish.unknown': ['There is no such drop{job? (%)|}.', 'It has ended, or Lockstep was started anew since.'],
  'publish.ended': [
    'This drop has ended, or is being published at this moment.',
    'What was published as a release is taken back by rolling the release back.',
    'What was published as a release is taken back by undoing the release.',
  ],
  'target.unknown': [
    'There is no target {name?“%”|of that name}.',
    'lockstep target list{same|} names them.',
    'Choose one from the list, or add it.',
  ],
  'target.exists': ['There is already a target {name?“%”|of that name}.', 'Choose another name, or remove it first.'],
  'target.no-password': [
    'The password of {name?“%”|this target} is not kept here.',
    'Give it once more: lockstep target add NAME --replace{same|}.',
    'Enter it once more in the target’s form.',
  ],
  'import.unknown': [
    'This is neither a site file of FileZilla nor a netrc.',
    'Choose sitemanager.xml, what FileZilla exports with its sites, or ~/.netrc.',
  ],
  'import.no-such': [
    'Nothing in this file would be saved as {name?“%”|that}, so nothing was saved.',
    'See the names, and why entries are left out: lockstep target import FILE --dry-run{same|}.',
    'Choose the file anew, and what of it is to be saved.',
  ],
  'import.encrypted': [
    'The passwords in this file are under a master password of FileZilla.',
    'Take the master password off in FileZilla (Settings, Passwords), export the sites, and import that file.',
  ],
  'import.too-large': [
    'This file is larger than any list of logins.',
    'Choose the file that holds the logins, or divide it.',
  ],
  'target.busy': ['A drop to {name?“%”|this target} is under way.', 'Wait until it has ended, or cancel it first.'],
  'release.bad-name': [
    'A release needs a name: one line of at most 200 characters.',
    'Name what it changes, for example “Spring prices”.',
  ],
} satisfies Partial<Sentences>;
