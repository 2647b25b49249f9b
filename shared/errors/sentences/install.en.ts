import type { Sentences } from '../speaker.ts';

/** The install itself: its config, listeners, database, backups, hooks, and the command line. */
export const install = {
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
  'node.exists': [
    '{dataDir?“%”|This folder} is the data folder of an install already.',
    'Use it as it is, or name another folder with --data.',
    'Choose another folder for the data.',
  ],
  'node.missing': [
    '{dataDir?“%”|This folder} is not the data folder of an install.',
    'Make one with lockstep init{same|}, or name another folder with --data.',
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
  'node.read-only': [
    'Nothing can be written in the data folder {dataDir?“%”|of this install}: its disk, or the service that Lockstep runs as, lets nothing be written.',
    'Mount the disk for writing; for the service, name the folder under ReadWritePaths (systemctl edit lockstep).',
    'Mount the disk for writing, and start again.',
  ],
  'node.disk-full': [
    'There is no space left for the data folder {dataDir?“%”|of this install}.',
    'Free some space on its disk, then try again.',
  ],
  'node.io': [
    'The disk of the data folder {dataDir?“%”|of this install} fails{reason? (%)|}.',
    'Look at the disk, then try again.',
  ],
  'node.too-many-files': [
    'Too many files are open on this machine, or in this process, for the data folder {dataDir?“%”|of this install} to be opened.',
    'Allow more of them (ulimit -n; for the service, LimitNOFILE under systemctl edit lockstep), then try again.',
    'Quit programs that you do not need, then start again.',
  ],
  'node.busy': [
    'Another command has been working on the data folder {dataDir?“%”|of this install} for a while.',
    'Wait until it has ended, then try again.',
  ],
  'node.running': [
    'Lockstep is running on this data folder{pid? (process %)|} and does not let another in.',
    'Stop it first.',
  ],
  'node.twin': [
    'This install is running already, with {dataDir?“%” for its|another} data folder: it was copied, or restored there. Two would work in the same folders.',
    'Use that one; this data folder can go, or be kept for the files in it.',
  ],
  'node.no-answer': [
    'Lockstep is running on this data folder{pid? (process %)|}, and does not answer.',
    'It may be very busy, or be held: try again, and if it stays so, end that process and start it anew.',
  ],
  'node.not-running': [
    'Lockstep is not running on this data folder.',
    'Start it with lockstep run{same|}.',
    'It is started again by itself.',
  ],
  'certificate.unreadable': [
    '{file?“%”|A file of the certificate} cannot be read, or holds no certificate or key in PEM. Clients are shown what was good before, or the install’s own certificate.',
    'Correct ftp.certificate in config.json, or give the user that runs Lockstep the right to read the file.',
  ],
  'certificate.mismatch': [
    'The key {key?in “%”|of the certificate} is not the one of the certificate{cert? in “%”|}. Clients are shown what was good before, or the install’s own certificate.',
    'Put the key there that the certificate was made with.',
  ],
  'certificate.expired': [
    'The certificate{file? in “%”|} has expired{until? on %|}. Clients are shown what was good before, or the install’s own certificate.',
    'Renew it: the new one is taken by itself.',
  ],
  'certificate.early': [
    'The certificate{file? in “%”|} is not good before {from|a later day}. Clients are shown what was good before, or the install’s own certificate.',
    'Set the clock of this machine right, or wait.',
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
  'backup.in-site': [
    '{file?“%”|The file} would lie in {other?“%”, |}the folder of a site, where others may read the key of this install.',
    'Name a file outside of the folders of sites.',
  ],
  'backup.occupied': [
    '{dataDir?“%”|The data folder} holds an install already, and is left as it is.',
    'Move what is in it away, or name another folder with --data.',
    'Move what is in it away, or choose another folder.',
  ],
  'backup.running': [
    'The install that the backup is of runs on this machine{dataDir? (its data: “%”)|}: two with one identity would work in the same folders.',
    'Stop it first.',
  ],
  'backup.unflushed': [
    'Since this machine was started, the disk has not taken all that was to be written below {root?“%”|the folder of a site}: what stands there may be gone with the power.',
    'Start this machine anew, then restore: what is there by then is on the disk.',
  ],
  'backup.unreadable': [
    '{file?“%”|The file} is not a backup of Lockstep, or it is damaged.',
    'Take another backup; lockstep backup{same|} makes one.',
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
    'Set another port: FTP, the link and the console need one each.',
  ],
  'port.no-address': [
    '{host?“%”|That} is not an address of this machine.',
    'Correct the host in config.json, or use 0.0.0.0 for all addresses.',
  ],
  'port.denied': [
    'This user may not listen on port {port|of a listener}{host? at %|}.',
    'Use a port above 1023, or an address that this machine has; or run it as the service, which may.',
  ],
  'secret.unprotected': [
    'Nothing on this machine protects a saved password.',
    'Give it anew each time; Lockstep keeps it in memory only.',
    'Save without keeping the password: it is asked for again after each start.',
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
    'Open the address that lockstep console{same|} prints.',
  ],
  'limit.exceeded': ['That is more than is allowed{limit? (%)|}{reason?: %|}.', 'Wait a moment, then try again.'],
  internal: [
    'Lockstep met a fault of its own{reason?: %|}.',
    'The log says more; please report it. What was published is untouched.',
  ],
  cancelled: ['This was cancelled.', 'Start it again if it is still wanted.'],
} satisfies Partial<Sentences>;
