/** From nothing to a site that is served. */
export const firstStart = {
  title: 'What should this machine be?',
  titleExplain: 'Nothing is written before the last step, and you can always go back.',
  roles: {
    master: {
      is: 'The site is published here. Uploads arrive by FTP, and every mirror is told of each one at once.',
      needs: 'You need the folder of the site.',
    },
    mirror: {
      is: 'The site is served from here too. This machine follows a master, file by file.',
      needs: 'You need a pairing code from the master.',
    },
    publisher: {
      is: 'Folders are published from here to your own FTP servers. Only what has changed is sent, pages last.',
      needs: 'You need a server’s address, and a login there.',
    },
  },
  publisher: {
    name: 'FTP servers only',
    title: 'Publish to FTP servers',
    explain: 'This machine serves nothing and lets nobody in. It shows what would change, then sends it.',
    later: 'Next, add your first server. You can add a site of your own, with mirrors, at any time.',
  },
  step: (at: number, of: number) => `Step ${at} of ${of}`,
  back: 'Back',
  next: 'Continue',
  start: 'Start',
  starting: 'Starting…',
  looking: 'Checking…',
  choose: 'Choose…',
  toOverview: 'Go to the overview',
  name: 'Name of this machine',
  siteName: 'Name of the site',
  root: 'Folder of the site',
  mirrorRoot: 'Folder to fill',
  takeOver: 'Take the folder over: that install is gone for good, or this is a copy.',
  badName: 'Up to 64 letters, digits, “.”, “_” and “-”, starting with a letter or digit.',
  site: {
    title: 'Which folder is the site?',
    explain: 'Everything in it is published as it is, and so is every upload from now on.',
    explainDrop:
      'Drop it here, or choose it. Everything in it is published as it is, and so is every upload from now on.',
    missing: 'This folder does not exist. Choose the one that holds the site, or make it first.',
    found: (n: string, entries: number) =>
      entries === 0
        ? 'The folder is empty. It fills as files are uploaded.'
        : entries === 1
          ? 'It holds one file or folder.'
          : `It holds ${n}${entries === 1000 ? ' or more' : ''} files and folders.`,
    nameNote: 'Mirrors and FTP clients see this name.',
  },
  people: {
    title: 'What is this machine called, and who uploads?',
    explain: 'Mirrors know this machine by its name. Uploads need an account.',
    titleAccount: 'Who uploads?',
    explainAccount: 'Uploads need an account on the FTP server.',
    nameNote: 'Keep it short: it appears beside every change.',
    wants: 'Make an account for uploads',
    userNote: 'Its password is made for you and shown once, on the next page.',
    later: 'You can make accounts later, on the overview.',
  },
  code: {
    title: 'Which master should it follow?',
    explain: 'On the master, make a pairing code: in the app under Overview, or with “lockstep invite”.',
    label: 'Pairing code from the master',
    asking: 'Looking for the master…',
    found: 'The master',
    reached: (address: string) => `The master answers at ${address}.`,
    unreached: 'The master does not answer from here.',
    unreachedMend:
      'Make sure that it is running, that both machines are on the same network or its port is forwarded, and that its firewall lets connections in. If it has another address from outside, make a code with that address.',
    again: 'Check again',
    fingerprint: 'Fingerprint',
    fingerprintNote: 'The master shows the same one in its settings.',
    valid: 'Valid',
    until: (time: string) => `Until ${time}, once.`,
  },
  target: {
    title: 'Where should the files go?',
    explain: 'Choose the folder that your web server serves.',
    explainDrop: 'Drop or choose the folder that your web server serves.',
    is: {
      absent: (_n: string, _entries: number) => 'The folder does not exist yet. It will be made.',
      empty: (_n: string, _entries: number) => 'The folder is empty.',
      filled: (n: string, entries: number) =>
        `It holds ${entries === 1 ? 'one file or folder' : `${n}${entries === 1000 ? ' or more' : ''} files and folders`}. Files equal to the master’s stay, files of the same name that differ are replaced, and everything else is left alone.`,
    },
    nameNote: 'The master shows this mirror under this name.',
  },
  done: {
    served: (site: string) => `${site} is served`,
    servedExplain: (n: string, files: number) =>
      `${files === 0 ? 'It holds no files yet.' : files === 1 ? 'It holds one file.' : `It holds ${n} files.`} From now on every upload goes to its mirrors.`,
    pair: 'Next, pair a mirror',
    enter: 'On the other machine, choose “Mirror” in the app and paste this code.',
    orType: 'Or, without the app, type there:',
    anotherCode: 'Make another code',
    reach: {
      public: (address: string) =>
        `Mirrors anywhere can reach this master at ${address}, if your firewall lets that port in.`,
      private: (address: string) =>
        `Mirrors on your own network can reach this master at ${address}. From outside, a router must forward that port.`,
      loopback: (address: string) =>
        `Only mirrors on this machine can reach this master: it listens on ${address}. For others, set the address of its links to 0.0.0.0 in the settings, or connect this machine to a network.`,
    },
    seeing: 'Checking whether it answers there…',
    seen: 'It answers, as seen from here.',
    unseen: 'It does not answer, as seen from here. Many routers block this from inside: try it from the mirror.',
    allAddresses: 'All addresses in the code',
    outside: 'Mirrors outside your network',
    outsideLabel: (port: number) => `This master’s address from outside, like www.example.org:${port}`,
    outsideNote: 'This makes a new code with that address in it.',
    outsideWrong: 'This is not HOST:PORT.',
    outsideUse: 'Use it',
    upload: 'Upload files',
  },
  follow: {
    opening: 'The mirror is starting',
    connecting: (master: string) => `Waiting for ${master}`,
    fetching: (site: string, master: string) => `${site} is arriving from ${master}`,
    inStep: (site: string) => `${site} is in step`,
    explain: 'Each file appears as soon as it is whole. There is no need to wait on this page.',
    inStepExplain: 'Every file of the master is here, and every change follows from now on.',
    progress: 'First synchronisation',
    here: (n: string, files: number) => (files === 1 ? 'one file is here' : `${n} files are here`),
    into: 'Into',
  },
} as const;
