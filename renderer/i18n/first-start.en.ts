/** From nothing to a site that is served. */
export const firstStart = {
  title: 'What is this machine to be?',
  titleExplain: 'Nothing is written before the last step, and every step can be taken back.',
  roles: {
    master: {
      is: 'The site is published here. Uploads come in by FTP, and every mirror hears of each one at once.',
      needs: 'You need the folder of the site.',
    },
    mirror: {
      is: 'The site is served from here too. It follows a master, file by file.',
      needs: 'You need a pairing code from the master.',
    },
    publisher: {
      is: 'Folders are published from here to FTP servers that you have. Only what has changed is sent, pages last.',
      needs: 'You need the address of a server, and a login there.',
    },
  },
  publisher: {
    name: 'FTP servers only',
    title: 'Publish to FTP servers',
    explain:
      'This machine serves nothing, and nobody on the network is let in. It looks at what would change, and sends it.',
    later: 'Next you add the first server. A site of its own, with mirrors, can be added at any time.',
  },
  step: (at: number, of: number) => `Step ${at} of ${of}`,
  back: 'Back',
  next: 'Continue',
  start: 'Start',
  starting: 'Starting…',
  looking: 'Looking…',
  choose: 'Choose…',
  toOverview: 'To the overview',
  name: 'Name of this machine',
  siteName: 'Name of the site',
  root: 'Folder of the site',
  mirrorRoot: 'Folder to fill',
  takeOver: 'Take the folder over: that install is gone for good, or this is a copy of its folder.',
  badName: 'Letters, digits, “.”, “_” and “-”, at most 64, with a letter or digit in front.',
  site: {
    title: 'Which folder is the site?',
    explain: 'What is in it is published as it stands, and from now on every upload into it.',
    explainDrop:
      'Drop it here, or choose it. What is in it is published as it stands, and from now on every upload into it.',
    missing: 'This folder is not there. Choose the one that holds the site, or make it first.',
    found: (n: string, entries: number) =>
      entries === 0
        ? 'The folder is empty. It fills as files are uploaded.'
        : entries === 1
          ? 'One file or folder is in it.'
          : `${n}${entries === 1000 ? ' or more' : ''} files and folders are in it.`,
    nameNote: 'Mirrors and FTP clients see it by this name.',
  },
  people: {
    title: 'What is it called, and who uploads?',
    explain: 'Mirrors know this machine by its name. Files come in through an account.',
    titleAccount: 'Who uploads?',
    explainAccount: 'Files come in through an account of the FTP server.',
    nameNote: 'A short name is best, as it stands beside every change.',
    wants: 'Make an account for uploads',
    userNote: 'Its password is made for you and shown on the next page, once.',
    later: 'Accounts can be made later, on the overview.',
  },
  code: {
    title: 'Which master does it follow?',
    explain: 'At the master, make a pairing code: under Overview in the app, or with “lockstep invite”.',
    label: 'Pairing code from the master',
    asking: 'Looking for the master…',
    found: 'The master',
    reached: (address: string) => `The master answers at ${address}.`,
    unreached: 'The master does not answer from here.',
    unreachedMend:
      'Make sure that it runs, that both machines are in the same network or its port is let through, and that its firewall lets it in. If it is known by another address outside, make a code with that address.',
    again: 'Look again',
    fingerprint: 'Fingerprint',
    fingerprintNote: 'The master shows the same one in its settings.',
    valid: 'Valid',
    until: (time: string) => `Until ${time}, once.`,
  },
  target: {
    title: 'Where do the files go?',
    explain: 'Your web server serves this folder.',
    explainDrop: 'Drop a folder here, or choose one. Your web server serves it.',
    is: {
      absent: (_n: string, _entries: number) => 'The folder is not there yet. It is made.',
      empty: (_n: string, _entries: number) => 'The folder is empty.',
      filled: (n: string, entries: number) =>
        `${entries === 1 ? 'One file or folder is' : `${n}${entries === 1000 ? ' or more' : ''} files and folders are`} in it. What equals the master’s is kept, what differs under the same name is replaced, and all else stays as it is.`,
    },
    nameNote: 'The master shows this mirror by this name.',
  },
  done: {
    served: (site: string) => `${site} is served`,
    servedExplain: (n: string, files: number) =>
      `${files === 0 ? 'No files are in it yet.' : files === 1 ? 'One file is in it.' : `${n} files are in it.`} Every upload is passed on to its mirrors from now on.`,
    pair: 'Now pair a mirror',
    enter: 'At the other machine, choose “Mirror” in the app and paste this code.',
    orType: 'Without the app, type there:',
    anotherCode: 'Make another code',
    reach: {
      public: (address: string) =>
        `Mirrors anywhere look for this master at ${address}; a firewall must let that port in.`,
      private: (address: string) =>
        `Mirrors in your own network look for this master at ${address}. From outside it is reached only where a router passes that port on.`,
      loopback: (address: string) =>
        `Only mirrors on this very machine reach this master: it listens at ${address}. For others set “link” in config.json to 0.0.0.0, or connect this machine to a network.`,
    },
    seeing: 'Looking whether it answers there…',
    seen: 'Seen from here, it answers.',
    unseen:
      'Seen from here, it does not answer there. Routers often do not let one in from inside: try it from the mirror.',
    allAddresses: 'All addresses in the code',
    outside: 'Mirrors outside your network',
    outsideLabel: (port: number) => `Address of this master from outside, like www.example.org:${port}`,
    outsideNote: 'A new code is made with this address in it.',
    outsideWrong: 'This is not HOST:PORT.',
    outsideUse: 'Use it',
    upload: 'Upload files',
  },
  follow: {
    opening: 'The mirror is starting',
    connecting: (master: string) => `Waiting for ${master}`,
    fetching: (site: string, master: string) => `${site} comes in from ${master}`,
    inStep: (site: string) => `${site} is in step`,
    explain: 'Each file shows up as soon as it is whole. You need not wait on this page.',
    inStepExplain: 'Every file of the master is here. From now on it follows each change.',
    progress: 'First synchronisation',
    here: (n: string, files: number) => (files === 1 ? 'one file is here' : `${n} files are here`),
    into: 'Into',
  },
} as const;
