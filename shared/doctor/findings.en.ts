import type { FindingTexts } from './findings.ts';

/** How something stands, and where it is not right, what to do; third, where the app has another way to do it. In English. */
export const findingTexts: FindingTexts = {
  'config-right': ['config.json is right.'],
  'database-opens': ['The database opens.'],
  listens: ['{ftp?The FTP server|{link?The link|The console}} listens at {address|its address}.'],
  silent: [
    '{ftp?The FTP server|{link?The link|The console}} does not listen, though Lockstep is running.',
    'Stop it and start it again: lockstep run{same|} says why.',
    'Quit Lockstep and start it again: the log says why.',
  ],
  'link-moves': [
    'The link takes another port at each start, and {peer|a mirror} dials the one of its pairing.',
    'Give it the port that the mirrors dial, which lockstep peer list names there: lockstep config set link.port PORT{same|}.',
    'Under Settings give the link the port that the mirrors dial.',
  ],
  'can-listen': [
    '{ftp?The FTP server|{link?The link|The console}} can listen on {port?port %|any port} of {host|here}.',
  ],
  'clock-future': [
    "The latest change is dated {days?% days|{hours?% hours|{seconds|some} s}} after the clock of this machine{mirror?: the master's clock differs from this one|}.",
    'Let both machines take their time from NTP.',
  ],
  'clock-differs': [
    "The clock of {peer|a peer} is {days?% days|{hours?% hours|{seconds|some} s}} {ahead?ahead of|behind} this machine's.",
    'Let both machines take their time from NTP.',
  ],
  'clock-agrees': ["The clocks of the peers agree with this machine's."],
  'clock-unknown': [
    'How far the clocks of the peers differ is not known before a link has been open (the order of changes does not depend on clocks).',
  ],
  'clock-before': [
    'The clock of this machine says {now|a time}, which is before its own certificate was made.',
    'Set the clock, best by NTP.',
  ],
  'peer-open': ['The link to {peer|the peer} is open.'],
  'peer-dials': ['{peer|The peer} dials this install.'],
  'peer-has-not-dialled': [
    '{peer|The peer} dials this install, and has not done so.',
    'Run lockstep doctor at {peer|the peer}.',
    'Run the checks at {peer|the peer}.',
  ],
  'peer-answers': ['{peer|The peer} answers at {address|its address} with the agreed certificate.'],
  'peer-paused': ['{peer|The mirror} is paused: nothing is fetched.', 'Resume it when it is to go on.'],
  'version-same': ['Both run Lockstep {version|of the same version}.'],
  'version-differs': [
    '{peer|The peer} runs Lockstep {theirs|of another version}, this machine {ours|another}.',
    'Bring both to the same version.',
  ],
  'names-clash': [
    '{peer|This mirror} does not tell upper from lower case: {count|some} of the names wait, as {path?“%”|one of them}{other? beside “%”|}.',
    'Rename one of the two at the master.',
  ],
  'names-unsupported': [
    'The file system of {peer|this mirror} cannot hold {count|some} of the names, as {path?“%”|one of them}.',
    'Rename them at the master, or leave them out at the mirror: lockstep follow set --exclude.',
    'Rename them at the master, or leave them out at the mirror.',
  ],
  'version-unknown': ['Which version {peer|the peer} runs is not known before a link has been open.'],
  'ftp-hands-out': [
    'The FTP server at {address|the master} lets this mirror in, and its data connections come through.',
  ],
  'ftp-untried': ['Where the files are fetched from is not known before a link has been open.', 'Open the link first.'],
  'mirror-fetches': ['{peer|The mirror} says nothing of trouble with fetching.'],
  'passive-loopback': ['The FTP server takes any port for data; it is reached from this machine only.'],
  'passive-any': [
    'The FTP server takes any free port for data, which a firewall in between would have to let through.',
    'Where there is a firewall, set ftp.passive.min and ftp.passive.max in config.json and open these ports.',
  ],
  'passive-few': [
    'The FTP server has {ports|few} ports for data; every transfer needs one.',
    'Let ftp.passive in config.json span {wanted|more} ports or more.',
  ],
  'passive-range': ['The FTP server has {ports|some} ports for data, {min|} to {max|}.'],
  'watch-allows': ['Changes without FTP are watched for; this system allows {limit|enough} watched folders.'],
  'watch-unknown': ['Changes without FTP are watched for; how many folders this system allows could not be read.'],
  'watch-few': [
    'This system allows {limit|few} watched folders only; changes in further ones are seen by a rescan only.',
    'As root: sysctl fs.inotify.max_user_watches=524288. The same line in a file of /etc/sysctl.d/ makes it last.',
  ],
  'data-folder-private': ['Only you can look into the data folder.'],
  'data-folder-open': ['Others of this machine can look into the data folder.', 'chmod 700 {dir|of the data folder}'],
  'identity-at-start': ['The identity is made at the first start.'],
  'identity-readable': [
    'Others of this machine can read identity/{name|}.',
    'chmod 600 {file|the file}; if others may have read it, make the install anew and pair it again.',
  ],
  'identity-broken': [
    'The identity is not whole: there is no certificate that can be read.',
    'Put the folder identity/ back from a backup; without it, make the install anew and pair it again.',
  ],
  'identity-expired': ['The certificate has expired.', 'Make the install anew and pair it again.'],
  'identity-expires': ['The certificate expires in {days|some} days.', 'Make the install anew and pair it again.'],
  'certificate-expires': [
    'The certificate of FTP{file? in “%”|} expires in {days|some} days.',
    'Renew it: the new one is taken by itself.',
  ],
  'identity-valid': ['The certificate is valid until {until|later}, its key private.'],
  'folder-other-disk': [
    '{own|Our own folder} is on another file system than {root|the site}: a file could not be put in place in one step.',
    'Stop Lockstep and take that mount away.',
  ],
  'folder-unwritable': [
    'Nothing can be written into {root|the folder}{reason? (%)|}.',
    'Give the user that runs Lockstep the right to write there.',
  ],
  'folder-writable': ['Files can be put into {root|the folder}.'],
  'folder-mask': [
    'New files in {root|the folder} can be read by {group?the user and the group that run Lockstep|the user that runs Lockstep} only (umask {mask|}): a web server of another one cannot serve them.',
    'Start Lockstep with umask 022 (in a unit of systemd UMask=0022). What is there already: chmod o+rX, on all but .lockstep.',
  ],
  'disk-free': [
    '{megabytes?% MB|{size|Some} GB} ({percent|0} %) are free at {dataFolder?the data folder|{where|the folder}}.',
  ],
  'disk-low': [
    'Only {megabytes?% MB|{size|some} GB} ({percent|0} %) are free at {dataFolder?the data folder|{where|the folder}}.',
    'Free some space: what does not fit waits, and visitors see the file of before.',
  ],
  'disk-unflushed': [
    'The disk has failed to write changes of the site “{site|?}”; which of them it has, nobody knows until this machine is started anew.',
    'Look at the disk and at the log of the system, then start this machine anew: what is missing is done again.',
  ],
  'multicast-sends': ['Changes are announced to {address|a group}{via? by way of %|}.'],
  'multicast-hears': ['Announcements of the master are listened for{via? at %|}.'],
};
