import type { Sentences } from '../speaker.ts';

/** Releases, drops and the servers that they go to. */
export const publishing = {
  'release.unknown': [
    'There is no release {release?“%”|of that name}.',
    'See them with “lockstep release list{same|}”.',
    'Choose one from the list of releases.',
  ],
  'release.no-word': [
    '{release?Release %|The release} does not wait for the word: each mirror shows it as soon as it has all of it.',
    'Nothing to do.',
  ],
  'release.open': [
    'A release is open in this session{release? (“%”)|}.',
    'Commit it with SITE RELEASE COMMIT, or give it up with SITE RELEASE ABORT.',
  ],
  'release.none-open': ['No release is open in this session.', 'Begin one with SITE RELEASE BEGIN and a name.'],
  'release.empty': ['The release has no changes.', 'Upload, rename or delete something before the commit.'],
  'release.conflict': [
    '{path?“%”|A path} was changed by someone else in a way that conflicts with the release.',
    'Check what is there now, then make the release again.',
  ],
  'release.changed-since': [
    '{path?“%”|A file} was changed after that release.',
    'Roll back the later release first, or add --force to put the older version in its place.',
    'Roll back the later release first, or put the older version back anyway.',
  ],
  'release.version-missing': [
    'The earlier version of {path?“%”|a file} is no longer kept.',
    'Upload it again. To keep more versions, raise the site’s “versions” in config.json.',
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
    'Check the address, the port and any firewall in the way, then try again.',
  ],
  'publish.no-tls': [
    '{address|The server} does not speak TLS: the password and the files could be read on the way.',
    'Ask the server’s owner for FTP over TLS, or choose plain FTP if you trust the network.',
  ],
  'publish.unconfirmed': [
    'No authority vouches for the certificate of {address|the server}{reason? (%)|}. Nothing was sent to it.',
    'Compare its fingerprint with the one the server’s owner gives you, then confirm it: lockstep target test{same|}, lockstep target add --fingerprint{same|}.',
    'Compare its fingerprint with the one the server’s owner gives you, and confirm it in the target’s form.',
  ],
  'publish.certificate': [
    '{address|The server} shows a different certificate from the one that was confirmed. Nothing was sent to it.',
    'Ask its owner whether it has changed; if so, confirm the new one.',
  ],
  'publish.login-refused': [
    '{address|The server} does not let this user in{reply?: %|}.',
    'Check the user and the password.',
  ],
  'publish.lost': ['The connection was lost{path? while “%” was sent|}{reason?: %|}.', 'It resumes where it stopped.'],
  'publish.put-off': ['The server is not taking {path?“%”|this} right now{reply?: %|}.', 'Wait a moment, then resume.'],
  'publish.refused': ['The server refused {path?“%”|this}{reply?: %|}.', 'Fix what it objects to, then resume.'],
  'publish.interrupted': [
    'Lockstep ended before {name?“%”|this} was published: none of it is visible.',
    'If lockstep drop list{same|} shows it, resume it with drop resume; otherwise publish it again.',
    'Resume it, or cancel it.',
  ],
  'publish.left': [
    'Lockstep ended while {name?“%”|this} was on its way{target? to %|}. On a Lockstep master, all of it is visible or none; on another server, whatever had arrived is.',
    'If lockstep drop list{same|} shows it, resume it with drop resume; otherwise publish it again: what is already there is not sent again.',
    'Resume it: what is already there is not sent again.',
  ],
  'publish.no-room': [
    'The server has no room for {path?“%”|this}{reply?: %|}.',
    'Make room there, or leave the file out; then resume.',
  ],
  'publish.mirror-room': [
    'The drop has {bytes|more} bytes; the disk of this mirror had {free|fewer} free when it last connected.',
    'Make room there, or leave files out.',
  ],
  'publish.own-folder': [
    '{path?“%”|This} is the folder of the site {site?“%” |}itself, or is inside it, or contains it.',
    'What is there is already published; lockstep site rescan{same|} finds what came without FTP. Name another folder.',
    'What is there is already published; “Rescan” finds what came without FTP. Choose another folder.',
  ],
  'publish.version-control': [
    '{path?“%”|This} belongs to version control: on a site it would expose all sources and their history.',
    'It is left out. If you do want it on the site, upload it by FTP.',
  ],
  'publish.own-data': [
    '{path?“%”|This} is, or is in, a Lockstep data folder: its key would be published.',
    'Leave it out. If it is not a data folder, rename the config.json in it.',
  ],
  'publish.same-name': [
    'Two of these have the same name{name? (“%”)|}.',
    'Publish them one after the other, or rename one.',
  ],
  'publish.no-releases': [
    'The server has no releases: it cannot have all mirrors show this at the same moment. Nothing was sent.',
    'Cancel it, and publish it again without asking for the same moment.',
  ],
  'publish.delete-one-folder': [
    'Deleting what is missing needs one folder to compare with, but several things were named.',
    'Name one folder, or publish without deleting.',
  ],
  'publish.unknown': ['There is no such drop{job? (%)|}.', 'It has ended and is no longer listed.'],
  'publish.ended': [
    'This drop has ended, or is being published right now.',
    'If it was published as a release, roll the release back to undo it.',
    'If it was published as a release, undo the release.',
  ],
  'publish.too-many': [
    'There are {count?% |too many }drops that are under way or have stopped, and no room for another.',
    'Resume or cancel those that have stopped: lockstep drop list{same|} shows them.',
    'Resume or cancel those that have stopped.',
  ],
  'target.unknown': [
    'There is no target {name?“%”|of that name}.',
    'lockstep target list{same|} lists them.',
    'Choose one from the list, or add it.',
  ],
  'target.exists': ['There is already a target {name?“%”|of that name}.', 'Choose another name, or remove it first.'],
  'target.no-password': [
    'The password of {name?“%”|this target} is not kept here.',
    'Enter it again: lockstep target add NAME --replace{same|}.',
    'Enter it again in the target’s form.',
  ],
  'import.unknown': [
    'This is neither a FileZilla site file nor a netrc.',
    'Choose sitemanager.xml, a FileZilla export of its sites, or ~/.netrc.',
  ],
  'import.no-such': [
    'Nothing in this file would be saved as {name?“%”|that}, so nothing was saved.',
    'See the names, and why entries are left out: lockstep target import FILE --dry-run{same|}.',
    'Choose the file again, and what to save from it.',
  ],
  'import.encrypted': [
    'The passwords in this file are protected by a FileZilla master password.',
    'Turn the master password off in FileZilla (Settings, Passwords), export the sites, and import that file.',
  ],
  'import.too-large': [
    'This file is too large to be a list of logins.',
    'Choose the file with the logins, or split it.',
  ],
  'target.busy': ['A drop to {name?“%”|this target} is under way.', 'Wait until it finishes, or cancel it first.'],
  'release.bad-name': [
    'A release needs a name: one line of at most 200 characters.',
    'Say what it changes, for example “Spring prices”.',
  ],
} satisfies Partial<Sentences>;
