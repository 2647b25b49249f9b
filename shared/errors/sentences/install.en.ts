import type { Sentences } from '../speaker.ts';

/** The install itself: its config, listeners, database, backups, hooks, and the command line. */
export const install = {
  'config.invalid': [
    '{file|config.json}: {key?% |}{problem|{reason|is not valid}}{more? (and % more)|}.',
    '{close?Did you mean “%”?|{mend|Correct the file}.}',
  ],
  'config.unreadable': [
    '{file|config.json} cannot be read or written{reason?: %|}.',
    'Give the user that runs Lockstep access to it.',
  ],
  'config.changed': [
    'Someone has changed {file|config.json} since it was read, so nothing was overwritten.',
    'Check what it says now, then make the change again.',
  ],
  'config.locked': [
    'Another process has been changing {file|config.json} for a while.',
    'Wait until it is done, then try again.',
  ],
  'usage.invalid': [
    '{problem|{reason|This is not a command of lockstep}}.',
    '{close?Did you mean “%”?|{mend|See lockstep --help}.}',
  ],
  'node.exists': [
    '{dataDir?“%”|This folder} is the data folder of an install already.',
    'Use it as it is, or name another folder with --data.',
    'Choose another folder for the data.',
  ],
  'node.missing': [
    '{dataDir?“%”|This folder} is not the data folder of an install.',
    'Make one with lockstep init{same|}, or name another folder with --data.',
    'Start again and choose what this machine should be.',
  ],
  'node.wrong-role': [
    'This is done on a {wanted?%|install of the other role}{role?, but this install is a %|}.',
    'Give the command on the other install.',
  ],
  'node.denied': [
    'Lockstep cannot read and write everything in the data folder {dataDir?“%”|of this install}{reason? (%)|}.',
    'Run it as the user who owns the folder (the service: sudo -u lockstep lockstep …), and give that user any files in it that another user made: chown -R.',
    'Make the user that runs Lockstep the owner of the files in it, and start again.',
  ],
  'node.read-only': [
    'Nothing can be written in the data folder {dataDir?“%”|of this install}: its disk, or the service that Lockstep runs as, does not allow writing.',
    'Mount the disk for writing. For the service, add the folder to ReadWritePaths (systemctl edit lockstep).',
    'Mount the disk for writing, and start again.',
  ],
  'node.disk-full': [
    'There is no space left for the data folder {dataDir?“%”|of this install}.',
    'Free some space on its disk, then try again.',
  ],
  'node.io': [
    'The disk of the data folder {dataDir?“%”|of this install} is failing{reason? (%)|}.',
    'Check the disk, then try again.',
  ],
  'node.too-many-files': [
    'Too many files are open on this machine, or in this process, for the data folder {dataDir?“%”|of this install} to be opened.',
    'Allow more (ulimit -n; for the service, LimitNOFILE in systemctl edit lockstep), then try again.',
    'Quit programs that you do not need, then start again.',
  ],
  'node.busy': [
    'Another command has been using the data folder {dataDir?“%”|of this install} for a while.',
    'Wait until it finishes, then try again.',
  ],
  'node.running': ['Lockstep is already running on this data folder{pid? (process %)|}.', 'Stop it first.'],
  'node.twin': [
    'This install is already running, with {dataDir?“%” for its|another} data folder: it was copied or restored there. Two would work in the same folders.',
    'Use that one. You can delete this data folder, or keep it for its files.',
  ],
  'node.no-answer': [
    'Lockstep is running on this data folder{pid? (process %)|}, but does not answer.',
    'It may be very busy or suspended. Try again; if it still does not answer, end that process and start Lockstep again.',
  ],
  'node.not-running': [
    'Lockstep is not running on this data folder.',
    'Start it with lockstep run{same|}.',
    'It restarts by itself.',
  ],
  'certificate.unreadable': [
    '{file?“%”|A certificate file} cannot be read, or has no PEM certificate or key in it. Clients still get the last good certificate, or the install’s own.',
    'Correct ftp.certificate in config.json, or let the user that runs Lockstep read the file.',
  ],
  'certificate.mismatch': [
    'The key {key?in “%”|of the certificate} does not match the certificate{cert? in “%”|}. Clients still get the last good certificate, or the install’s own.',
    'Use the key that the certificate was made with.',
  ],
  'certificate.expired': [
    'The certificate{file? in “%”|} has expired{until? on %|}. Clients still get the last good certificate, or the install’s own.',
    'Renew it; Lockstep picks up the new one by itself.',
  ],
  'certificate.early': [
    'The certificate{file? in “%”|} is not valid before {from|a later day}. Clients still get the last good certificate, or the install’s own.',
    'Correct this machine’s clock, or wait.',
  ],
  'store.corrupt': [
    'The database could not be opened{aside? and was moved to “%”|}.',
    'Restore a backup. Or remove the moved files and start again: the site is then read from its folder, but accounts and pairings must be made again.',
  ],
  'store.newer': [
    'The database was written by a newer Lockstep{version? (%)|}.',
    'Install that version or a newer one.',
  ],
  'store.unreleased': [
    'The database{file? “%”|} was written by a version from before the first release, and cannot be upgraded.',
    'Start that version once more and stop it cleanly, then try again. Or move the data folder away and set this install up again: the site is read from its folder, but accounts and pairings must be made again.',
  ],
  'backup.nothing': [
    '{dataDir?“%”|The data folder} has a configuration but no database yet: there is nothing to back up.',
    'Let this install run once, then try again.',
  ],
  'backup.exists': ['{file?“%”|The file} already exists and was left alone.', 'Name another file for the backup.'],
  'backup.in-site': [
    '{file?“%”|The file} would be in {other?“%”, |}a site’s folder, where others could read this install’s key.',
    'Name a file outside any site’s folder.',
  ],
  'backup.occupied': [
    '{dataDir?“%”|The data folder} already holds an install and was left alone.',
    'Move its contents away, or name another folder with --data.',
    'Move its contents away, or choose another folder.',
  ],
  'backup.running': [
    'The install in this backup is running on this machine{dataDir? (its data: “%”)|}: two with one identity would work in the same folders.',
    'Stop it first.',
  ],
  'backup.unflushed': [
    'Since this machine started, the disk has not stored everything written in {root?“%”|the folder of a site}: some of it may be lost if the power fails.',
    'Restart this machine, then restore: what is there after that is on the disk.',
  ],
  'backup.unreadable': [
    '{file?“%”|The file} is not a Lockstep backup, or it is damaged.',
    'Use another backup; lockstep backup{same|} makes one.',
    'Use another backup.',
  ],
  'hook.command': [
    'The hook {command?“%”|of this install} failed{reason?: %|}.',
    'To see why, run the program by hand as the user that runs Lockstep, with an event on its standard input.',
  ],
  'hook.unreachable': [
    '{url?“%”|The address of a hook} did not take an event{reason? (%)|}.',
    'Check that it can be reached from here. Lockstep keeps trying for about ten minutes.',
  ],
  'hook.refused': [
    '{url?“%”|The address of a hook} refused an event{reason? (%)|}.',
    'Check the address and its secret in config.json, under hooks.',
  ],
  'hook.secret': [
    'The secret of a hook{file? in “%”|} cannot be read.',
    'Put one line of at most 4096 characters into that file, and let the user that runs Lockstep read it.',
  ],
  'port.busy': [
    'Port {port|of a listener}{host? at %|} is in use by {program?“%”|another program}{pid? (process %)|}.',
    'Stop that program, or set another port in config.json{find?; “%” tells which it is|}.',
  ],
  'port.own': [
    'Port {port|of a listener} is in use by another listener of this install.',
    'Set another port: FTP, the link and the console each need their own.',
  ],
  'port.no-address': [
    '{host?“%”|That} is not an address of this machine.',
    'Correct the host in config.json, or use 0.0.0.0 for all addresses.',
  ],
  'port.denied': [
    'This user is not allowed to listen on port {port|of a listener}{host? at %|}.',
    'Use a port above 1023 and an address of this machine, or run Lockstep as the service, which is allowed to.',
  ],
  'secret.unprotected': [
    'This machine has no way to protect a saved password.',
    'Enter it each time; Lockstep keeps it only in memory.',
    'Save without the password: Lockstep asks for it after each start.',
  ],
  'secret.unreadable': [
    'The saved password cannot be read: it was saved on another machine, by another user, or with another key.',
    'Enter it once more.',
  ],
  'call.unknown': [
    'The running Lockstep has no call {name?“%”|of that name}.',
    'Install the same version of the command line and the running Lockstep.',
    'Reload this page. If that does not help, install the same version of the app and the running Lockstep.',
  ],
  'call.invalid': ['{key|{name|What was asked}} {problem|is not valid{reason?: %|}}.', 'Correct it and try again.'],
  'console.refused': [
    'The running Lockstep did not accept this request{reason?: %|}.',
    'Open the address that lockstep console{same|} prints.',
  ],
  'limit.exceeded': ['That is more than is allowed{limit? (%)|}{reason?: %|}.', 'Wait a moment, then try again.'],
  internal: [
    'Lockstep has an internal error{reason?: %|}.',
    'The log has the details; please report it. What is published is untouched.',
  ],
  cancelled: ['This was cancelled.', 'Start it again if you still want it.'],
} satisfies Partial<Sentences>;
