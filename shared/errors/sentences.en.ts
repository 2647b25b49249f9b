import type { ErrorJson, ErrorParams } from './app-error.ts';
import type { Issue } from './problems.ts';
import { problems } from './problems.en.ts';
import { type Place, type Sentences, speak, speakProblem } from './speaker.ts';

/** What happened and the one thing to do about it, in English: two plain sentences. */
export function sentence(error: ErrorJson, place: Place = 'shell'): string {
  const { what, mend } = sentenceParts(error, place);
  return `${what} ${mend}`;
}

export function sentenceParts(error: ErrorJson, place: Place = 'shell'): { what: string; mend: string } {
  return speak({ sentences, problems }, error, place);
}

/** What is wrong with a value, as the part of a sentence that follows its name. */
export function problemText(issue: Issue, params: ErrorParams): string {
  return speakProblem(problems, issue, params);
}

const sentences: Sentences = {
  'path.invalid': [
    '{path?“%”|This} is not a name that a site can hold.',
    'Use a name without “..”, backslashes and control characters.',
  ],
  'path.reserved': [
    '{path?“%”|This name} is reserved: “.lockstep” is the folder that Lockstep itself uses in a site.',
    'Choose another name.',
  ],
  'path.too-long': [
    '{path?“%”|This path} is too long: a name may have 255 bytes, a path 3,072 bytes and 128 folders.',
    'Shorten the name.',
  ],
  'path.link': [
    '{path?“%”|This path} leads through a symbolic link, which Lockstep does not follow.',
    'Put the file itself there, or publish the folder that the link points to.',
  ],
  'path.case-clash': [
    '{path?“%”|This name} differs only by upper and lower case from {other|another name} at a machine that does not tell them apart.',
    'Rename one of the two.',
  ],
  'path.unsupported-name': [
    'The file system of this mirror cannot hold the name {path?“%”|of this file}.',
    'Rename the file at the master, or exclude it at this mirror.',
  ],

  'file.not-found': ['{path?“%”|This file} is not there.', 'Check the name: upper and lower case differ.'],
  'file.exists': ['{path?“%”|This name} is already there.', 'Delete it first, or choose another name.'],
  'file.is-directory': ['{path?“%”|This} is a folder, not a file.', 'Name a file.'],
  'file.not-directory': ['{path?“%”|This} is a file, not a folder.', 'Name a folder.'],
  'file.directory-not-empty': ['{path?The folder “%”|This folder} is not empty.', 'Delete what is in it first.'],
  'file.denied': [
    'Lockstep may not do this to {path?“%”|this file}{reason?: %|}.',
    'Give the user that runs Lockstep, or the account, the right to it.',
  ],
  'file.read-only': [
    '{path?“%”|This folder} can only be read here: its disk, or the service that Lockstep runs as, lets nothing be written.',
    'Mount the disk for writing; for the service, name the folder under ReadWritePaths (systemctl edit lockstep).',
  ],
  'file.disk-full': ['There is no space left for {path?“%”|this file}.', 'Free some space; it goes on by itself.'],
  'file.io': [
    'Reading or writing {path?“%”|a file} failed{reason?: %|}.',
    'Check the disk; it is tried again by itself.',
  ],
  'file.changed': ['{path?“%”|The file} was changed while it was being read.', 'It is read again by itself.'],

  'upload.aborted': [
    'The upload of {path?“%”|this file} broke off{reason?: %|}. The file of before is untouched.',
    'Send it again, or resume it.',
  ],
  'upload.short': [
    'Fewer bytes of {path?“%”|this file} arrived than were announced. The file of before is untouched.',
    'Send it again, or resume it.',
  ],
  'upload.bad-restart': [
    'The upload of {path?“%”|this file} cannot go on at byte {offset|that far}: fewer bytes are here{have?: %|}.',
    'Ask for the size again, or send the file from the start.',
  ],
  'upload.changed': [
    '{path?“%”|The file} was changed by somebody else while this upload continued it. Nothing of the upload is published.',
    'Look what is there now, and send it again.',
  ],
  'upload.hash-mismatch': [
    'What arrived of {path?“%”|this file} is not what was sent. The file of before is untouched.',
    'Send it again.',
  ],
  'upload.too-large': [
    '{path?“%”|This file} is larger than the limit of {limit|uploads}{limit? bytes|}.',
    'Raise ftp.limits.uploadBytes in config.json, or send a smaller file.',
  ],

  'fetch.refused': [
    'The master refused to hand over {path?“%”|this file}{reason?: %|}.',
    'It is tried again by itself; look into the log of the master if it stays.',
  ],
  'fetch.unreachable': [
    'The FTP server of the master {address?(%) |}cannot be reached{reason?: %|}.',
    'Check the network and the passive ports in the firewall; it is tried again by itself.',
  ],
  'fetch.passive': [
    'The FTP server at {address|the master} lets this mirror in, but its data connections do not come through.',
    'Open the ports of ftp.passive in the firewall of the master; where there is NAT, set ftp.passive.address too.',
  ],
  'fetch.broken-off': ['The transfer of {path?“%”|this file} broke off.', 'It goes on where it stopped, by itself.'],
  'fetch.stalled': ['The transfer of {path?“%”|this file} stood still.', 'It goes on where it stopped, by itself.'],
  'fetch.gone': [
    '{path?“%”|This file} is no longer at the master.',
    'Nothing to do: the change that removed it follows.',
  ],
  'fetch.size-mismatch': [
    'What arrived of {path?“%”|this file} has not the size that the master announced.',
    'It is fetched again by itself; if it stays, rescan the site at the master.',
  ],
  'fetch.hash-mismatch': [
    'What arrived of {path?“%”|this file} is not what the master announced.',
    'It is fetched again by itself; if it stays, rescan the site at the master.',
  ],
  'fetch.login-refused': [
    'The FTP server of the master does not let this mirror in.',
    'It is tried again by itself; if it stays, pair the two again (lockstep invite, lockstep join).',
    'It is tried again by itself; if it stays, pair the two again.',
  ],
  'fetch.certificate': [
    'The FTP server at the address of the master {address?(%) |}shows another certificate than the one of the pairing.',
    'Make sure that the address is right; if the master was set up anew, pair the two again.',
  ],
  'fetch.superseded': ['A newer change of {path?“%”|this file} takes its place.', 'Nothing to do.'],

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
    'A newer link of the same install took the place of this one.',
    'Nothing to do; if it comes again and again, two installs use copies of one data folder: make one of them anew.',
  ],
  'link.timeout': [
    '{peer|The other install} has not answered{address? at %|} in time.',
    'Check the network; it is tried again by itself.',
  ],
  'link.unknown-peer': [
    '{peer|The other install} does not know this install{address? (at %)|}.',
    'Pair the two again: lockstep invite at the master, lockstep join here.',
    'Pair the two again: make a pairing code at the master and enter it here.',
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
    'To fill another folder with it, no longer follow it first: lockstep follow remove.',
    'To fill another folder with it, stop following it first.',
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

  'config.invalid': [
    '{file|config.json}: {key?% |}{problem|{reason|is not right}}{more? (and % more)|}.',
    '{close?Did you mean “%”?|{mend|Correct the file}.}',
  ],
  'config.unreadable': [
    '{file|config.json} cannot be read or written{reason?: %|}.',
    'Give the user that runs Lockstep the right to it.',
  ],
  'config.changed': [
    'Somebody has changed {file|config.json} since it was read, and nothing was written over it.',
    'Look at what it says now, then make the change again.',
  ],
  'config.locked': [
    'Another process has been changing {file|config.json} for a while.',
    'Wait until it is done, then try again.',
  ],
  'usage.invalid': [
    '{problem|{reason|This is not a command of lockstep}}.',
    '{close?Did you mean “%”?|{mend|See lockstep --help}.}',
  ],

  'site.unknown': [
    'There is no site {name?“%”|{site?“%”|of that name}} here.',
    'lockstep status names the sites.',
    'Choose one of the sites at the top left.',
  ],
  'site.which': [
    'There are several sites here{sites?: %|}.',
    'Say which one is meant, with --site NAME.',
    'Choose one of the sites at the top left.',
  ],
  'site.exists': [
    'The site {name?“%”|{site?“%”|of that name}} is already here.',
    'Choose another name, or remove that site first.',
  ],
  'site.root-missing': [
    'The folder {root?“%”|of the site} is not there, or is not a folder that Lockstep may use.',
    'Mount its disk or put the folder back; nothing is taken for deleted until then. At a mirror, lockstep waiting publish fetches all of it into a new folder.',
    'Mount its disk or put the folder back; nothing is taken for deleted until then. At a mirror, “Try now” fetches all of it into a new folder.',
  ],
  'site.no-folder': [
    'There is no folder {root?“%”|of that name} on this machine.',
    'Name the folder that holds the site, or make it first.',
  ],
  'site.root-other': [
    'Another folder stands at {root?“%”|the place of the site}: it is not the one that Lockstep has filled there.',
    'Mount the right disk; nothing is published or deleted until then. If this is the folder from now on, say so with lockstep waiting publish.',
    'Mount the right disk; nothing is published or deleted until then. If this is the folder from now on, choose “Try now”.',
  ],
  'site.root-clash': [
    '{root?The folder “%”|This folder} overlaps with {other?“%”, |}the folder of another site or of Lockstep itself.',
    'Choose a folder of its own.',
  ],
  'site.root-taken': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”, which belongs|belongs} to {name?the install “%”|another install}{host? on the machine %|}{dataDir? (its data: “%”)|}.',
    'Choose another folder. Where that install is gone for good, or this is a copy, take it over with --take-over (of a site that is here already: lockstep waiting publish).',
    'Choose another folder. Where that install is gone for good, or this is a copy, take it over.',
  ],
  'site.root-used': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”, which belongs|belongs} to {name?the install “%”|another install} on this machine{dataDir? (its data: “%”)|}.',
    'Choose another folder, or end it there first: lockstep site remove or follow remove, with the --data of that install.',
    'Choose another folder, or end it at that install first.',
  ],
  'watch.interrupted': [
    'The watch of {root?“%”|the folder} was interrupted{reason? (%)|}.',
    'It begins again by itself, and compares the whole folder then.',
  ],
  'watch.limit': [
    'This system does not allow enough watches for {root?“%”|the folder}{reason? (%)|}.',
    'Raise fs.inotify.max_user_watches and max_user_instances; until then the folder is compared now and then.',
  ],
  'account.exists': [
    'There is an account {user?“%”|of that name} already.',
    'Choose another name, or give it a new password with lockstep account password.',
    'Choose another name, or give that account a new password.',
  ],
  'account.unknown': [
    'There is no account {user?“%”|of that name}.',
    'lockstep account list names them.',
    'The accounts stand in the overview.',
  ],
  'account.bad-password': ['This password will not do: it needs 8 to 256 characters.', 'Choose another password.'],
  'peer.unknown': [
    'No install {peer?“%”|of that name} is paired with this one.',
    'lockstep peer list names them.',
    'The installs that are paired stand under Mirrors.',
  ],

  'peer.dials-us': [
    '{peer|This peer} opens the link itself: this machine does not know where to reach it.',
    'Look at the other machine whether it runs and reaches this one.',
  ],
  'disk.unflushed': [
    '{path?“%”|What was written} may not have reached the disk: it could not be flushed{reason? (%)|}. What was begun is taken back.',
    'Check the disk, then try again.',
  ],
  'node.exists': [
    '{dataDir?“%”|This folder} is the data folder of an install already.',
    'Use it as it is, or name another folder with --data.',
    'Choose another folder for the data.',
  ],
  'node.missing': [
    '{dataDir?“%”|This folder} is not the data folder of an install.',
    'Make one with lockstep init, or name another folder with --data.',
    'Start again and choose what this machine is to be.',
  ],
  'node.wrong-role': [
    'This is done at a {wanted?%|install of the other role}{role?, and this install is a %|}.',
    'Give the command at the other install.',
  ],
  'node.denied': [
    'Lockstep may not read and write all that is in the data folder {dataDir?“%”|of this install}{reason? (%)|}.',
    'Run it as the user whom the folder belongs to (the service: sudo -u lockstep lockstep …), and give files that another user has made in it to that user: chown -R.',
    'Give the files in it to the user that runs Lockstep, and start again.',
  ],
  'node.busy': [
    'Another command has been working on the data folder {dataDir?“%”|of this install} for a while.',
    'Wait until it has ended, then try again.',
  ],
  'node.running': [
    'Lockstep is running on this data folder{pid? (process %)|} and does not let another in.',
    'Stop it first.',
  ],
  'node.not-running': [
    'Lockstep is not running on this data folder.',
    'Start it with lockstep run.',
    'It is started again by itself.',
  ],
  'certificate.unreadable': [
    '{file?“%”|A file of the certificate} cannot be read, or holds no certificate or key in PEM. Clients are shown the install’s own certificate.',
    'Correct ftp.certificate in config.json, or give the user that runs Lockstep the right to read the file.',
  ],
  'certificate.mismatch': [
    'The key {key?in “%”|of the certificate} is not the one of the certificate{cert? in “%”|}. Clients are shown what was good before, or the install’s own certificate.',
    'Put the key there that the certificate was made with.',
  ],
  'certificate.expired': [
    'The certificate{file? in “%”|} has expired{until? on %|}. Clients are shown the install’s own certificate.',
    'Renew it: the new one is taken by itself.',
  ],
  'certificate.early': [
    'The certificate{file? in “%”|} is not good before {from|a later day}. Clients are shown the install’s own certificate.',
    'Set the clock of this machine right, or wait.',
  ],
  'identity.unreadable': [
    'The identity in {folder?“%”|the data folder} cannot be read or is incomplete.',
    'Put key.pem and cert.pem back from a backup, or remove both and pair anew.',
  ],
  'store.corrupt': [
    'The database could not be opened{aside? and was moved to “%”|}.',
    'Put a backup in its place. Or take what was moved away altogether and start again: the site is then read anew from its folder, and accounts and pairings have to be made again.',
  ],
  'store.newer': [
    'The database was written by a newer Lockstep{version? (%)|}.',
    'Install that version, or a newer one.',
  ],
  'store.unreleased': [
    'The database{file? “%”|} was written by a version from before the first release, and cannot be taken on.',
    'Start that version once more and stop it in good order, then try again. Or move the data folder away and set this install up anew: the site is read from its folder, and accounts and pairings have to be made again.',
  ],
  'backup.nothing': [
    '{dataDir?“%”|The data folder} holds a configuration and no database yet: there is nothing to save.',
    'Let this install run once, then try again.',
  ],
  'backup.exists': ['{file?“%”|The file} is there already, and is left as it is.', 'Name another file for the backup.'],
  'backup.occupied': [
    '{dataDir?“%”|The data folder} holds an install already, and is left as it is.',
    'Move what is in it away, or name another folder with --data.',
    'Move what is in it away, or choose another folder.',
  ],
  'backup.unreadable': [
    '{file?“%”|The file} is not a backup of Lockstep, or it is damaged.',
    'Take another backup; lockstep backup makes one.',
    'Take another backup.',
  ],
  'hook.command': [
    'The hook {command?“%”|of this install} failed{reason?: %|}.',
    'Start the program by hand as the user of Lockstep, with an event on its standard input.',
  ],
  'hook.unreachable': [
    '{url?“%”|The address of a hook} did not take an event{reason? (%)|}.',
    'Check that it can be reached from here; it is tried again for about ten minutes.',
  ],
  'hook.refused': [
    '{url?“%”|The address of a hook} refused an event{reason? (%)|}.',
    'Check the address and its secret in config.json, under hooks.',
  ],
  'hook.secret': [
    'The secret of a hook{file? in “%”|} cannot be read.',
    'Put one line of at most 4096 characters into that file, readable by the user of Lockstep.',
  ],
  'port.busy': [
    'Port {port|of a listener}{host? at %|} is in use by {program?“%”|another program}{pid? (process %)|}.',
    'Stop that program, or set another port in config.json{find?; “%” tells which it is|}.',
  ],
  'port.own': [
    'Port {port|of a listener} is in use by another listener of this install.',
    'Set another port in config.json: FTP, the link and the console need one each.',
  ],
  'port.no-address': [
    '{host?“%”|That} is not an address of this machine.',
    'Correct the host in config.json, or use 0.0.0.0 for all addresses.',
  ],
  'port.denied': [
    'This user may not listen on port {port|of a listener}{host? at %|}.',
    'Use a port above 1023, or an address that this machine has; or run it as the service, which may.',
  ],
  'not-in-step': [
    'Not in step in time{reason?: %|}.',
    'lockstep status says what is behind and why.',
    'The overview says what is behind and why.',
  ],
  'guard.held': [
    'Held: {count|{files|many}} of {of|the} files would be deleted at once{share? (%)|}.',
    '{flag?If that is meant, say so with %; otherwise look at the folder first|If that is meant, let it go on with lockstep waiting publish; otherwise look at the folder of the master first}.',
    'If that is meant, let them be deleted; otherwise look at the folder of the master first.',
  ],
  'drift.changed': [
    'Somebody has changed {path?“%”|this file} at the mirror: it is not what the master published.',
    'Bring the file of the master back with lockstep waiting publish, or leave it as it is with lockstep waiting discard.',
    'Bring the file of the master back, or leave it as it is until the master changes it.',
  ],
  'drift.missing': [
    'Somebody has removed {path?“%”|this file} at the mirror.',
    'Bring the file of the master back with lockstep waiting publish, or leave it out with lockstep waiting discard.',
    'Bring the file of the master back, or leave it out until the master changes it.',
  ],
  'drift.many': [
    'Somebody has changed or removed {count|many} files at the mirror.',
    'Bring all of them back with lockstep waiting publish, or leave all as they are with lockstep waiting discard.',
    'Bring all of them back, or leave all as they are until the master changes them.',
  ],
  'waiting.unknown': [
    'Nothing with the id {id?“%”|that was given} is waiting.',
    'lockstep waiting list names what is.',
    'It went on or was decided meanwhile; nothing has to be done.',
  ],
  'group.exists': [
    'There is already a group {group?“%”|of that name}.',
    'Choose another name, or remove that group first.',
  ],
  'group.unknown': [
    'There is no group {group?“%”|of that name}.',
    'See them with “lockstep group list”.',
    'It was removed or renamed meanwhile.',
  ],
  'group.wrong-rule': [
    'The group {group?“%” |}does not wait for a commit: its rule is “{rule|another one}”.',
    'Nothing has to be done; “--rule release” makes a group wait for its publisher.',
    'Nothing has to be done; change its rule if it is to wait for you.',
  ],
  'setlink.unknown': [
    'No such link was set by hand.',
    'See them with “lockstep link list --set”.',
    'It was removed meanwhile.',
  ],
  'route.unknown-mirror': [
    'No mirror is named {mirror?“%”|so}{near? (did you mean “%”?)|}.',
    'lockstep peer list names the mirrors; for one that will be paired later write --force.',
    'Choose among the mirrors that are paired.',
  ],
  'route.exists': [
    'There is already a route for {glob?“%”|this pattern}.',
    'The first match wins: remove that route first.',
  ],
  'route.unknown': [
    'There is no route for {glob?“%”|this pattern}.',
    'See them with “lockstep route list”.',
    'It was removed meanwhile.',
  ],
  'release.unknown': [
    'There is no release {release?“%”|of that name}.',
    'See them with “lockstep release list”.',
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
  'change.given-up': [
    'Somebody gave this change up{by? at %|}: it was not published here.',
    'Upload the file again where it is needed after all.',
  ],
  'wait.content': ['{count?% files are|It is} still being fetched.', 'Nothing has to be done.'],
  'wait.group': [
    'The group {group?“%” |}is not complete{missing?: % has not come yet|}.',
    'Upload what is missing, or publish what there is.',
  ],
  'wait.settling': ['The group {group?“%” |}still changes.', 'It appears when no member has changed for a moment.'],
  'wait.commit': [
    'The group {group?“%” |}waits for its publisher.',
    'Commit it with “lockstep group commit”, or with a release.',
    'Commit it under Groups, or with a release.',
  ],
  'wait.held': [
    'The group {group?“%” |}was not complete in time{missing?: % has not come|}.',
    'Publish what there is, or discard it.',
    'Publish what there is, or give it up.',
  ],
  'wait.release': [
    'The release has not arrived whole yet.',
    'Nothing has to be done: it goes on when the master is linked.',
  ],
  'wait.word': [
    'The release{name? “%”|} is here and waits for the word{ready?: % |}{of?of % mirrors are ready|}{quorum?, and % are enough when the time is up|}.',
    'Nothing has to be done: the master gives the word.',
  ],
  'wait.target': [
    '{page?“%”|The page} links to {target?“%”|a file} that is on its way.',
    'Nothing has to be done: both appear together.',
  ],
  'wait.missing-target': [
    '{page?“%”|The page} links to {target?“%”|a file} that the master does not have.',
    'Upload it, or mend the link; the page appears without it after a moment.',
  ],
  'wait.set-link': [
    '{page?“%”|The page} waits until {target?“%”|another file} has changed too.',
    'Upload that file, or remove the link that was set by hand.',
  ],
  'wait.linked': [
    '{page?“%”|A page} still links to {target?“%”|what is deleted}.',
    'Publish the page without that link; the delete follows by itself after a while.',
  ],
  'wait.moved': [
    '{path?“%”|The old file} is shown until the same content is shown as {target?“%”|the new one}.',
    'Look what the new one waits for; the old one goes by itself after that.',
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
    'Compare its fingerprint with the one that the server’s owner tells you, then confirm it: lockstep target test, lockstep target add --fingerprint.',
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
    'What stands there is published already; what came without FTP is found with lockstep site rescan. Name another folder.',
    'What stands there is published already; what came without FTP is found by “Rescan”. Choose another folder.',
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
    'This drop is past that: it is being published, or has ended.',
    'To take it back, roll the release back.',
    'To take it back, undo the release.',
  ],
  'target.unknown': [
    'There is no target {name?“%”|of that name}.',
    'lockstep target list names them.',
    'Choose one from the list, or add it.',
  ],
  'target.exists': ['There is already a target {name?“%”|of that name}.', 'Choose another name, or remove it first.'],
  'target.no-password': [
    'The password of {name?“%”|this target} is not kept here.',
    'Give it once more: lockstep target add NAME --replace.',
    'Enter it once more in the target’s form.',
  ],
  'import.unknown': [
    'This is neither a site file of FileZilla nor a netrc.',
    'Choose sitemanager.xml, what FileZilla exports with its sites, or ~/.netrc.',
  ],
  'import.no-such': [
    'Nothing in this file would be saved as {name?“%”|that}, so nothing was saved.',
    'See the names, and why entries are left out: lockstep target import FILE --dry-run.',
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
  'secret.unprotected': [
    'Nothing on this machine protects a saved password.',
    'Give it anew each time; Lockstep keeps it in memory only.',
  ],
  'secret.unreadable': [
    'The saved password cannot be read: it was saved on another machine, by another user, or with another key.',
    'Enter it once more.',
  ],
  'call.unknown': [
    'The running Lockstep has no call {name?“%”|of that name}.',
    'Bring the command line and the running Lockstep to the same version.',
    'Load this page again; if it stays, bring the app and the running Lockstep to the same version.',
  ],
  'call.invalid': ['{key|{name|What was asked}} {problem|is not right{reason?: %|}}.', 'Correct it and try again.'],
  'console.refused': [
    'The running Lockstep did not accept this request{reason?: %|}.',
    'Open the address that lockstep console prints.',
  ],
  'limit.exceeded': ['That is more than is allowed{limit? (%)|}{reason?: %|}.', 'Wait a moment, then try again.'],
  internal: [
    'Lockstep met a fault of its own{reason?: %|}.',
    'The log says more; please report it. What was published is untouched.',
  ],
  cancelled: ['This was cancelled.', 'Start it again if it is still wanted.'],
};
