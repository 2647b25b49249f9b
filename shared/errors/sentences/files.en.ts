import type { Sentences } from '../speaker.ts';

/** Paths, files, uploads and fetches. */
export const files = {
  'path.invalid': [
    '{path?“%”|This} is not a name that a site can hold.',
    'Use a name without “..”, backslashes or control characters that does not start like a drive (“C:”).',
  ],
  'path.reserved': [
    '{path?“%”|This name} is reserved: “.lockstep” is Lockstep’s own folder in a site.',
    'Choose another name.',
  ],
  'path.too-long': [
    '{path?“%”|This path} is too long: a name may have 255 bytes, a path 3,072 bytes and 128 folders.',
    'Shorten the name.',
  ],
  'path.link': [
    '{path?“%”|This path} leads through a symbolic link, which Lockstep does not follow.',
    'Replace the link with the file or folder itself.',
  ],
  'path.within-itself': ['A folder cannot be moved into itself{path? (“%”)|}.', 'Choose a place outside it.'],
  'path.case-clash': [
    '{path?“%”|This name} differs from {other|another name} only in upper and lower case, which this machine does not tell apart.',
    'Rename one of the two.',
  ],
  'path.unsupported-name': [
    'The file system of this mirror cannot hold the name {path?“%”|of this file}.',
    'Rename the file on the master, or exclude it on this mirror.',
  ],
  'unfit.bytes': [
    '{path?“%”|A file} is not published: its name is not valid UTF-8, so no site can hold it.',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.characters': [
    '{path?“%”|A file} is not published: a site’s names cannot contain control characters or backslashes, consist only of dots, or start like a drive (“C:”).',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.decomposed': [
    '{path?“%”|A file} is not published: the accents in its name are stored apart from their letters (Unicode NFD), as some macOS programs do.',
    'Rename it (retype the name, or convert it to NFC){rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Rename it: retype the name, or convert it to NFC; then try again.',
  ],
  'unfit.link': [
    '{path?“%”|This} is a symbolic link, and links are not published{more?; nor are % more in this site|}.',
    'If mirrors should have what it points to, replace it with that. Otherwise there is nothing to do.',
  ],
  'unfit.reserved': [
    '{path?“%”|A file} is not published: “.lockstep”, in upper or lower case, is Lockstep’s own folder in a site.',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.too-long': [
    '{path?“%”|A file} is not published: a name may have 255 bytes, a path 3,072 bytes and 128 folders.',
    'Shorten the name, or move it up{rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Shorten the name, or move it up; then try again.',
  ],
  'unfit.unreadable': [
    '{path?“%”|A file} cannot be read, and is not published.',
    'Give the user that runs Lockstep the right to read it{rescan?, then: lockstep site rescan %{same|}|: Lockstep notices by itself}.',
    'Give the user that runs Lockstep the right to read it, then try again.',
  ],
  'file.not-found': ['{path?“%”|This file or folder} is not there.', 'Check the name: upper and lower case differ.'],
  'file.exists': ['{path?“%”|This name} is already there.', 'Delete it first, or choose another name.'],
  'file.is-directory': ['{path?“%”|This} is a folder, not a file.', 'Move the folder out of the way, or name a file.'],
  'file.not-directory': ['{path?“%”|This} is a file, not a folder.', 'Name a folder.'],
  'file.relative': [
    '{path?“%”|This} is only part of a path: it does not say where on the machine that is.',
    'Give the whole path, from / or the drive on.',
  ],
  'file.directory-not-empty': ['{path?The folder “%”|This folder} is not empty.', 'Delete what is in it first.'],
  'file.time': [
    'The disk cannot store this time for {path?“%”|this file}. The file keeps its old time.',
    'Give it a time between 1980 and 2037.',
  ],
  'file.denied': [
    'Lockstep is not allowed to do this to {path?“%”|this file}{reason?: %|}.',
    'Give the right to do so to the user that runs Lockstep, or to the account.',
  ],
  'file.read-only': [
    '{path?“%”|This folder} is read-only here: its disk, or the service that Lockstep runs as, does not allow writing.',
    'Mount the disk for writing. For the service, add the folder to ReadWritePaths (systemctl edit lockstep).',
  ],
  'file.disk-full': ['There is no space left for {path?“%”|this file}.', 'Free some space; it continues by itself.'],
  'file.other-disk': [
    '{path?The folder of “%”|This folder} is on another disk than its site: a file could not be put in place in one step.',
    'Keep a site on one disk: take that mount away, or move the whole folder of the site to the larger disk.',
  ],
  'file.io': [
    'Reading or writing {path?“%”|a file} failed{reason?: %|}.',
    'Check the disk; Lockstep tries again by itself.',
  ],
  'file.changed': ['{path?“%”|The file} was changed while it was being read.', 'Lockstep reads it again by itself.'],
  'upload.aborted': [
    'The upload of {path?“%”|this file} broke off{reason?: %|}. The old file is untouched.',
    'Send it again, or resume it.',
  ],
  'upload.unclosed': [
    'The upload of {path?“%”|this file} ended without TLS’s end signal (close_notify), so it may have been cut off. The old file is untouched.',
    'Send it again. If this program never sends the signal, turn off ftp.closeNotify on the master.',
  ],
  'upload.short': [
    'Fewer bytes of {path?“%”|this file} arrived than were announced. The old file is untouched.',
    'Send it again, or resume it.',
  ],
  'upload.bad-restart': [
    'The upload of {path?“%”|this file} cannot continue at byte {offset|that far}: fewer bytes are here{have?: %|}.',
    'Ask for the size again, or send the file from the start.',
  ],
  'upload.other-version': [
    'The unfinished upload of {path?“%”|this file} cannot continue there: the file here is a different version.',
    'Send the file from the start.',
  ],
  'upload.changed': [
    '{path?“%”|The file} was changed by someone else while this upload was continuing it. None of the upload is published.',
    'See what is there now, then send it again.',
  ],
  'upload.hash-mismatch': [
    'What arrived of {path?“%”|this file} is not what was sent. The old file is untouched.',
    'Send it again.',
  ],
  'upload.too-large': [
    '{path?“%”|This file} is larger than the limit of {limit?% bytes|uploads}.',
    'Raise ftp.limits.uploadBytes in config.json, or send a smaller file.',
  ],
  'fetch.put-off': [
    'The master’s FTP server is not accepting this mirror’s login right now{reason?: “%”|}.',
    'Lockstep tries again by itself. If it keeps happening, check on the master who is using its sessions, and ftp.limits.',
  ],
  'fetch.refused': [
    'The master refused to hand over {path?“%”|files}{reason?: %|}.',
    'Lockstep tries again by itself. If it keeps happening, check the master’s log.',
  ],
  'fetch.unreachable': [
    'The master’s FTP server {address?(%) |}cannot be reached{reason?: %|}.',
    'Check the network, and the passive ports in the firewall. Lockstep tries again by itself.',
  ],
  'fetch.passive': [
    'The FTP server at {address|the master} lets this mirror in, but its data connections do not get through.',
    'Open the ports of ftp.passive in the master’s firewall. Behind NAT, set ftp.passive.address too.',
  ],
  'fetch.broken-off': ['The transfer of {path?“%”|this file} broke off.', 'It resumes where it stopped, by itself.'],
  'fetch.stalled': ['The transfer of {path?“%”|this file} stalled.', 'It resumes where it stopped, by itself.'],
  'fetch.gone': [
    '{path?“%”|This file} is no longer on the master.',
    'Nothing to do: the change that removed it follows.',
  ],
  'fetch.size-mismatch': [
    'What arrived of {path?“%”|this file} is not the size that the master announced.',
    'Lockstep fetches it again by itself. If it keeps happening, rescan the site on the master.',
  ],
  'fetch.hash-mismatch': [
    'What arrived of {path?“%”|this file} is not what the master announced.',
    'Lockstep fetches it again by itself. If it keeps happening, rescan the site on the master.',
  ],
  'fetch.login-refused': [
    'The master’s FTP server does not let this mirror in.',
    'Lockstep tries again by itself. If it keeps happening, pair the two again (lockstep invite, lockstep join).',
    'Lockstep tries again by itself. If it keeps happening, pair the two again.',
  ],
  'fetch.certificate': [
    'The FTP server at the master’s address {address?(%) |}shows a different certificate from the one agreed at pairing.',
    'Make sure that the address is right. If the master was set up again, pair the two again.',
  ],
  'fetch.clock': [
    'By this mirror’s clock, the master’s certificate {address?(%) |}is not valid yet, or no longer valid.',
    'Set the clock, ideally by NTP; then it continues by itself.',
  ],
  'fetch.superseded': ['A newer change of {path?“%”|this file} takes its place.', 'Nothing to do.'],
  'disk.unflushed': [
    '{path?“%”|What was written} may not have reached the disk: it could not be flushed{reason? (%)|}. The change was undone.',
    'Check the disk, then try again.',
  ],
} satisfies Partial<Sentences>;
