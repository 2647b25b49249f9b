import type { Sentences } from '../speaker.ts';

/** Paths, files, uploads and fetches. */
export const files = {
  'path.invalid': [
    '{path?“%”|This} is not a name that a site can hold.',
    'Use a name without “..”, backslashes and control characters, that does not begin like a drive (“C:”).',
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
    'Put the file or folder itself in place of the link.',
  ],
  'path.within-itself': ['A folder cannot be moved into itself{path? (“%”)|}.', 'Name a place outside of it.'],
  'path.case-clash': [
    '{path?“%”|This name} differs only by upper and lower case from {other|another name} at a machine that does not tell them apart.',
    'Rename one of the two.',
  ],
  'path.unsupported-name': [
    'The file system of this mirror cannot hold the name {path?“%”|of this file}.',
    'Rename the file at the master, or exclude it at this mirror.',
  ],
  'unfit.bytes': [
    '{path?“%”|A file} is not published: the bytes of its name are not UTF-8, and no site can hold it.',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: it is seen there by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.characters': [
    '{path?“%”|A file} is not published: no site can hold a name with control characters or backslashes, of dots only, or with a drive (“C:”).',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: it is seen there by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.decomposed': [
    '{path?“%”|A file} is not published: its name is written with accents apart from their letters (Unicode NFD), as some programs for macOS do.',
    'Rename it (type the name anew, or convert it to NFC){rescan?, then: lockstep site rescan %{same|}|: it is seen by itself}.',
    'Rename it: type the name anew, or convert it to NFC; then try again.',
  ],
  'unfit.link': [
    '{path?“%”|This} is a symbolic link, and links are not published{more?; nor are % more in this site|}.',
    'Where mirrors are to have what it leads to, put that in its place; otherwise nothing has to be done.',
  ],
  'unfit.reserved': [
    '{path?“%”|A file} is not published: “.lockstep”, in whatever case, is the folder that Lockstep itself uses in a site.',
    'Rename it in the folder of the site{rescan?, then: lockstep site rescan %{same|}|: it is seen there by itself}.',
    'Rename it in the folder of the site, then try again.',
  ],
  'unfit.too-long': [
    '{path?“%”|A file} is not published: a name may have 255 bytes, a path 3,072 bytes and 128 folders.',
    'Shorten the name, or move it up{rescan?, then: lockstep site rescan %{same|}|: it is seen there by itself}.',
    'Shorten the name, or move it up; then try again.',
  ],
  'unfit.unreadable': [
    '{path?“%”|A file} cannot be read, and is not published.',
    'Give the user that runs Lockstep the right to read it{rescan?, then: lockstep site rescan %{same|}|: that is seen by itself}.',
    'Give the user that runs Lockstep the right to read it, then try again.',
  ],
  'file.not-found': ['{path?“%”|This file or folder} is not there.', 'Check the name: upper and lower case differ.'],
  'file.exists': ['{path?“%”|This name} is already there.', 'Delete it first, or choose another name.'],
  'file.is-directory': ['{path?“%”|This} is a folder, not a file.', 'Move the folder out of the way, or name a file.'],
  'file.not-directory': ['{path?“%”|This} is a file, not a folder.', 'Name a folder.'],
  'file.directory-not-empty': ['{path?The folder “%”|This folder} is not empty.', 'Delete what is in it first.'],
  'file.time': [
    'The disk cannot hold this time for {path?“%”|this file}. Its time is what it was.',
    'Give it a time between 1980 and 2037.',
  ],
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
  'upload.unclosed': [
    'The upload of {path?“%”|this file} ended without the word that TLS has for the end (close_notify): it may have been cut off. The file of before is untouched.',
    'Send it again. If this program never says it, switch the demand for it off at the master (ftp.closeNotify).',
  ],
  'upload.short': [
    'Fewer bytes of {path?“%”|this file} arrived than were announced. The file of before is untouched.',
    'Send it again, or resume it.',
  ],
  'upload.bad-restart': [
    'The upload of {path?“%”|this file} cannot go on at byte {offset|that far}: fewer bytes are here{have?: %|}.',
    'Ask for the size again, or send the file from the start.',
  ],
  'upload.other-version': [
    'An upload of {path?“%”|this file} that is not finished cannot go on there: the file that is here is another version.',
    'Send the file from the start.',
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
    '{path?“%”|This file} is larger than the limit of {limit?% bytes|uploads}.',
    'Raise ftp.limits.uploadBytes in config.json, or send a smaller file.',
  ],
  'fetch.put-off': [
    'The FTP server of the master takes no login of this mirror just now{reason?: “%”|}.',
    'It is tried again by itself; if it stays, see at the master who takes its sessions, and ftp.limits.',
  ],
  'fetch.refused': [
    'The master refused to hand over {path?“%”|files}{reason?: %|}.',
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
  'fetch.clock': [
    'By the clock of this mirror the certificate of the master {address?(%) |}is not good yet, or not any more.',
    'Set the clock, best by NTP: then it goes on by itself.',
  ],
  'fetch.superseded': ['A newer change of {path?“%”|this file} takes its place.', 'Nothing to do.'],
  'disk.unflushed': [
    '{path?“%”|What was written} may not have reached the disk: it could not be flushed{reason? (%)|}. What was begun is taken back.',
    'Check the disk, then try again.',
  ],
} satisfies Partial<Sentences>;
