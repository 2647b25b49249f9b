import type { FindingTexts } from './findings.ts';

/** What was found and, if it is not right, what to do; third, if the app does it in another way. In English. */
export const findingTexts: FindingTexts = {
  'config-right': ['config.json is valid.'],
  'database-opens': ['The database opens.'],
  listens: ['{ftp?The FTP server|{link?The link|The console}} listens at {address|its address}.'],
  silent: [
    '{ftp?The FTP server|{link?The link|The console}} does not listen, although Lockstep is running.',
    'Stop Lockstep and start it again: lockstep run{same|} says why.',
    'Quit Lockstep and start it again. The log says why.',
  ],
  'link-moves': [
    'The link uses a different port at each start, but {peer|a mirror} dials the port from its pairing.',
    'Set the port that the mirrors dial, which lockstep peer list shows there: lockstep config set link.port PORT{same|}.',
    'In Settings, set the link to the port that the mirrors dial.',
  ],
  'can-listen': [
    '{ftp?The FTP server|{link?The link|The console}} can listen on {port?port %|any port} of {host|here}.',
  ],
  'clock-future': [
    "The latest change is dated {days?% days|{hours?% hours|{seconds|some} s}} ahead of this machine's clock{mirror?: the master's clock differs from this one|}.",
    'Set both clocks by NTP.',
  ],
  'clock-differs': [
    "The clock of {peer|a peer} is {days?% days|{hours?% hours|{seconds|some} s}} {ahead?ahead of|behind} this machine's.",
    'Set both clocks by NTP.',
  ],
  'clock-agrees': ["The clocks of the peers agree with this machine's."],
  'clock-unknown': [
    'The clocks of the peers are not known until a link has been open; the order of changes does not depend on clocks.',
  ],
  'clock-before': [
    "This machine's clock says {now|a time}, which is before its own certificate was made.",
    'Set the clock, preferably by NTP.',
  ],
  'peer-open': ['The link to {peer|the peer} is open.'],
  'peer-dials': ['{peer|The peer} dials this install.'],
  'peer-has-not-dialled': [
    '{peer|The peer} should dial this install, but has not.',
    'Run lockstep doctor on {peer|the peer}.',
    'Run the checks on {peer|the peer}.',
  ],
  'peer-answers': ['{peer|The peer} answers at {address|its address} with the agreed certificate.'],
  'peer-paused': ['{peer|The mirror} is paused: nothing is fetched.', 'Resume it when you want it to continue.'],
  'version-same': ['Both run Lockstep {version|of the same version}.'],
  'version-differs': [
    '{peer|The peer} runs Lockstep {theirs|of another version}, and this machine {ours|another}.',
    'Upgrade so that both run the same version.',
  ],
  'names-clash': [
    '{peer|This mirror} does not distinguish upper and lower case, so {count|some} of the names are waiting: {path?“%”|one of them}{other? next to “%”|}, for example.',
    'Rename one of the two on the master.',
  ],
  'names-unsupported': [
    'The file system of {peer|this mirror} cannot hold {count|some} of the names: {path?“%”|one of them}, for example.',
    'Rename them on the master, or leave them out on the mirror: lockstep follow set --exclude.',
    'Rename them on the master, or leave them out on the mirror.',
  ],
  'version-unknown': ['The version of {peer|the peer} is not known until a link has been open.'],
  'ftp-hands-out': ['The FTP server at {address|the master} lets this mirror in, and data connections get through.'],
  'ftp-untried': [
    'The address of the FTP server to fetch from is not known until a link has been open.',
    'Open the link first.',
  ],
  'mirror-fetches': ['{peer|The mirror} reports no trouble with fetching.'],
  'passive-loopback': ['The FTP server uses any free port for data. Only this machine can reach it.'],
  'passive-any': [
    'The FTP server uses any free port for data. A firewall in between would have to let them all through.',
    'If there is a firewall, set ftp.passive.min and ftp.passive.max in config.json, and open these ports.',
  ],
  'passive-few': [
    'The FTP server has {ports|few} ports for data, and every transfer needs one.',
    'Make ftp.passive in config.json span at least {wanted|more} ports.',
  ],
  'passive-range': ['The FTP server has {ports|some} ports for data, {min|} to {max|}.'],
  'watch-allows': ['Lockstep watches for changes made without FTP. This system allows {limit|enough} watched folders.'],
  'watch-unknown': [
    'Lockstep watches for changes made without FTP. It could not find out how many watched folders this system allows.',
  ],
  'watch-few': [
    'This system allows only {limit|few} watched folders. Only a rescan finds changes in the others.',
    'As root: sysctl fs.inotify.max_user_watches=524288. To make it permanent, put fs.inotify.max_user_watches=524288 into a file in /etc/sysctl.d/.',
  ],
  'data-folder-private': ['Only you can read the data folder.'],
  'data-folder-open': ['Other users of this machine can read the data folder.', 'chmod 700 {dir|of the data folder}'],
  'identity-at-start': ['The identity will be made at the first start.'],
  'identity-readable': [
    'Other users of this machine can read identity/{name|}.',
    'chmod 600 {file|the file}. If others may have read it, set up the install again and pair it again.',
  ],
  'identity-broken': [
    'The identity is incomplete: there is no readable certificate.',
    'Restore the folder identity/ from a backup. Without one, set up the install again and pair it again.',
  ],
  'identity-expired': ['The certificate has expired.', 'Set up the install again and pair it again.'],
  'identity-expires': ['The certificate expires in {days|some} days.', 'Set up the install again and pair it again.'],
  'certificate-expires': [
    'The FTP certificate{file? in “%”|} expires in {days|some} days.',
    'Renew it. Lockstep notices the new one by itself.',
  ],
  'identity-valid': ['The certificate is valid until {until|later}, and its key is private.'],
  'folder-other-disk': [
    '{own|The .lockstep folder} is on a different file system from {root|the site}, so files could not be put in place in one step.',
    'Stop Lockstep and remove that mount.',
  ],
  'folder-unwritable': [
    'Lockstep cannot write to {root|the folder}{reason? (%)|}.',
    'Allow the user that runs Lockstep to write there.',
  ],
  'folder-writable': ['Lockstep can write to {root|the folder}.'],
  'folder-mask': [
    'Only {group?the user and the group that run Lockstep|the user that runs Lockstep} can read new files in {root|the folder} (umask {mask|}). A web server that runs as someone else cannot serve them.',
    'Start Lockstep with umask 022 (in a systemd unit: UMask=0022). For existing files: chmod o+rX, on all except .lockstep.',
  ],
  'disk-free': [
    '{megabytes?% MB|{size|Some} GB} ({percent|0} %) are free at {dataFolder?the data folder|{where|the folder}}.',
  ],
  'disk-low': [
    'Only {megabytes?% MB|{size|some} GB} ({percent|0} %) are free at {dataFolder?the data folder|{where|the folder}}.',
    'Free some space. What does not fit waits, and visitors see the earlier file.',
  ],
  'disk-unflushed': [
    'The disk has failed to write changes of the site “{site|?}”. Nobody knows which of them it holds until this machine restarts.',
    'Check the disk and the system log, then restart this machine. Lockstep does again what is missing.',
  ],
  'multicast-sends': ['Changes are announced to {address|a group}{via? through %|}.'],
  'multicast-hears': ['Lockstep listens for announcements of the master{via? on %|}.'],
};
