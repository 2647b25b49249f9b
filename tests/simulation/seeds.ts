export interface KeptSeed {
  readonly seed: string;
  readonly why: string;
  /** What the simulation had learned when it was found: it goes on without the rest, so as to find the same. */
  readonly with?: readonly Learned[];
}

/** What came to the simulation after seeds had been kept. `pages`: messages that take little. `watch`: a folder that the master watches. `hooks`: programs that are told.
 * `drops`: to another FTP server. `rights`: folders that may not be changed for a while. `keeping`: a journal that is
 * trimmed. `reading`: files and folders that may not, or cannot, be read for a while. `spelling`: disks that fold case, and
 * names that are spelled in two ways. `descriptors`: too many files are open. `releases`: drops that become releases.
 * `room`: calls that take room find none. `late`: so do, on some disks, calls that remove; and a flush that finds none has lost what it was to write.
 * `restoredDrops`: drops that become releases of a master that is put back. `spelledDrops`: the same where names are spelled in two ways.
 * `accents`: names with accents, and disks that take both forms of those for one. */
export type Learned = (typeof TO_ACCENTS)[number];

const TO_ACCENTS = [
  'pages',
  'watch',
  'hooks',
  'drops',
  'rights',
  'keeping',
  'reading',
  'spelling',
  'descriptors',
  'releases',
  'room',
  'late',
  'restoredDrops',
  'spelledDrops',
  'accents',
] as const;
const TO_DROPS = TO_ACCENTS.slice(0, -1);

/**
 * Seeds that have found something, each with what it was: they are lived through at each `npm test`, the first of them twice.
 * What a seed leads to changes with the engine and with the simulation, so a fault has a test of its own as well where it can.
 */
export const keptSeeds: readonly KeptSeed[] = [
  { seed: '6', why: 'an everyday run with crashes, short: it has to do the same again' },
  { seed: '256', why: 'a release was shown in part, as a change of it took the place of one that was ready' },
  { seed: '3', why: 'a file was fetched ahead while it was here, ready, under another name: it got the older time' },
  {
    seed: '7024',
    why: 'what was left of a release that waited for its word was shown, and what a newer one had overtaken of it was not',
  },
  { seed: '8126', why: 'what somebody had written at a mirror travelled with a rename' },
  {
    seed: '100',
    why: 'a flush of the tree failed and the next one succeeded: what was done was forgotten, and lost with the power',
  },
  {
    seed: '400023',
    why: 'a mirror that was new was shown a part of a release, as a later change had overtaken the rest in the snapshot',
  },
  {
    seed: '7000067',
    why: 'a master was put back a second time by the same copy, and its mirrors deleted what came since: they named a journal that it had never had',
  },
  {
    seed: '995036',
    why: 'a mirror was cut off while it compared, the master was put back, and by the older index it deleted what came since: it said that it had no cursor',
  },
  {
    seed: '995015',
    why: 'a release was shown in part, as another one overtook a file of it while a mirror compared: what that index told of the newer one went on in an older',
  },
  { seed: '50010', why: 'a mirror ended because its database found no room to note that a transfer had failed' },
  { seed: '990142', why: 'a release was taken for shown in part, as an emptied folder of it went a moment later' },
  {
    seed: '990279',
    why: 'what a thorough check had removed was there again after a loss of power: nobody had flushed the folder',
  },
  {
    seed: '998144',
    why: 'a database was put back after a failed flush, of which it knew nothing: with the power a file was lost that nobody missed',
  },
  {
    seed: '998263',
    why: 'a rename was lost by a failed flush, and not what took its place later: the file stood under its old name as well',
  },
  {
    seed: '998068',
    why: "most of the master's files vanish again and again: without its guard they are journalled as deleted",
  },
  {
    seed: '2000217',
    why: 'other rules came while the publisher had what was ready: it got that twice, dropped the files of the first as unused, and a page was shown before its targets',
  },
  {
    seed: '3000222',
    why: "a master ended right after the names of uploads could not be flushed, and forgot it: with the power a site's file was an older one",
  },
  {
    seed: '961370471',
    why: 'a page was taken for shown before its target, of the same group, whose limit was over',
  },
  {
    seed: '31000108',
    why: 'what was to be in a folder was put there before a file of somebody else had given way to it: the index had the folder, which failed for ever',
  },
  {
    seed: '44000182',
    why: 'a version whose newer one a person had given up was changed by somebody and fetched again, for ever, as the master had it no more',
  },
  {
    seed: '47000095',
    why: 'a master that was put back took no notice of a mirror that said that nothing waits there any more, and showed for ever what did',
  },
  {
    seed: '53000261',
    why: 'what was announced was taken in although a part of it had been told as missed: a release was shown in part',
    with: ['pages'],
  },
  {
    seed: '90248752',
    why: 'half of a file was journalled that had been written to between it was found quiet and it was read',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '90254420',
    why: 'half of a file whose writer paused for longer, as it may after so long, was journalled by a rescan',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '9033078',
    why: 'half of a file was journalled when somebody agreed to deletes for which the watch of the folder had stopped',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '9033318',
    why: 'what was to come into a folder failed for ever where its mirror, whose database was put back, had a file in the place of the folder',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '9934086',
    why: 'a mirror had left a folder to whoever has put files into it, and its master was never told that nothing waits there any more',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '1796010427',
    why: 'a release that had gone on in a newer one before a mirror heard of it was told of as shown with the last bit that was told of it',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '1796012857',
    why: 'the same after crashes',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '18622446',
    why: 'a release came where somebody had a file in the place of a folder, and a folder in that was no part of the release',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '20317217',
    why: 'a folder was emptied while a start read it: what went before it was read was taken for few deletes',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '21685617',
    why: 'a folder that the master had deleted was left as if others had put files into it, as one of the master was deleted a moment later',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '18622240',
    why: 'the same while other parts of it waited with what was heard before',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '20411907',
    why: 'what the disk had lost was taken for changed by somebody, as an older file that had been put there was back',
    with: ['pages', 'watch', 'hooks', 'drops'],
  },
  {
    seed: '15400025',
    why: 'a page was shown before its target, which was ready at the same moment, and which a right kept from its place',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights'],
  },
  {
    seed: '15500073',
    why: 'a release that waited for its word was forgotten, as it was older than is kept: its mirrors waited for ever',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping'],
  },
  {
    seed: '15601002',
    why: 'a mirror whose database was put back took a file of the master, of which it had not heard yet, for one of nobody: a thorough check removed it',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping'],
  },
  {
    seed: '15500758',
    why: 'a release that came after one that waited for its word was forgotten, and what it had taken over of that one was shown without the rest',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping'],
  },
  {
    seed: '15500279',
    why: 'the rows of a release that waited for its word were trimmed: a mirror that was compared anew was shown it in part',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping'],
  },
  {
    seed: '16000035',
    why: 'what could not be looked at, in a folder without that right, was taken for gone: files that the master had deleted stayed for good',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading'],
  },
  {
    seed: '16000023',
    why: 'what the disk could not read was taken for a bug of the FTP server, and ended the session with all that was on its way',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading'],
  },
  {
    seed: '17000165',
    why: 'what could not be removed from staging for a moment stayed there until the next start',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading'],
  },
  {
    seed: '17300592',
    why: 'a rescan took a file that could not be looked at for gone: a delete that came then found nothing to remove, and was told as shown',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading'],
  },
  {
    seed: '18000061',
    why: 'somebody gave a file of a master whose disk folds case its other spelling: the older one was never journalled as gone',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '18000163',
    why: 'a release waited for a name of a disk that folds case, and had the deletes that were in its way: neither was ever done',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '19000494',
    why: 'a folder of a set was taken for one that is there in another spelling, and was nowhere once that one went',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '20000413',
    why: 'a file went for a folder of another spelling, on a disk that folds case',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '21000209',
    why: 'a release waited for such a name, and had folders that were in its way: neither was ever done',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '24000765',
    why: 'after a failed flush a folder stood for good that had to go: what a lost file had taken the place of was in it, and went later',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '23000014',
    why: 'a master that was put back could not read some files, and did not know them: mirrors deleted what they had of them',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '26000083',
    why: 'such a master knew an older version of a file that it could not read, and its mirrors showed what they had kept of that',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '27001071',
    why: 'a page that was published while too many files were open was shown before its target: its links were not known',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors'],
  },
  {
    seed: '31000062',
    why: 'a start took a file for the one that was wanted in its folder of another spelling: that was never put there, and the other went',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors'],
  },
  {
    seed: '31000285',
    why: 'a file that was deleted, and put back under its other spelling from what was kept of it, was deleted once more by a start',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors'],
  },
  {
    seed: '100065',
    why: 'a file that got other content with the size and the time of before was taken for unchanged by the next drop',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors', 'releases'],
  },
  {
    seed: '21000363',
    why: 'a folder that the master had deleted, and that stayed with what was left out in it, was wanted again when a disk had lost it: its other spelling had the name',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling'],
  },
  {
    seed: '33001028',
    why: 'a file that somebody had removed was not missed by a rescan, as one of another spelling stood there: once that went there was none',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors', 'releases'],
  },
  {
    seed: '33001065',
    why: 'deletes that make room for the rest of their release were taken back with something else that failed, and the rest was shown without them',
    with: ['pages', 'watch', 'hooks', 'drops', 'rights', 'keeping', 'reading', 'spelling', 'descriptors', 'releases'],
  },
  {
    seed: '5276',
    why: 'a process ended in the moment in which a flush of what it had fetched failed: the next one took that for what the disk has',
    with: TO_DROPS,
  },
  {
    seed: '77008',
    why: 'nothing below a folder with an accent was ever shown by a mirror whose disk keeps such names decomposed: it was taken for a link',
    with: TO_ACCENTS,
  },
  {
    seed: '77107',
    why: 'a master on a disk that takes both forms of a name for one never published, nor told, what somebody had put there decomposed',
    with: TO_ACCENTS,
  },
  {
    seed: '77065',
    why: 'a thorough check of such a mirror took what was in such a folder for nothing of the master, and removed it',
    with: TO_ACCENTS,
  },
  {
    seed: '698702447',
    why: 'what had been fetched, could not be flushed, and could not be removed for want of room, was taken for what the disk has',
    with: TO_ACCENTS,
  },
  {
    seed: '695545742',
    why: 'a release was taken for shown once what was with the publisher of it was done, though the rest had gone on in a newer one meanwhile',
    with: TO_ACCENTS,
  },
  {
    seed: '290672388',
    why: 'on disks that fold case a set made one folder of two spellings, as one of them was above another of its members only: nothing could be put into it any more',
    with: TO_ACCENTS,
  },
  {
    seed: '81',
    why: 'a drop whose release had been forgotten at the start after it, as it was older than is kept, was told as interrupted with nothing of it visible',
    with: TO_DROPS,
  },
  {
    seed: '75108197',
    why: 'a drop that was done, for which there had been no room, was gone on with after an end, and was told as what it had become: taken for another',
    with: TO_ACCENTS,
  },
  {
    seed: '89006055',
    why: 'the rest of a release was shown on a disk that folds case, though what makes room for it could not go: its own file had become part of that release after it came',
    with: TO_ACCENTS,
  },
  {
    seed: '89006246',
    why: 'the simulation took what could not be undone at once, and was undone later, for a delete that nobody asked for',
    with: TO_ACCENTS,
  },
  {
    seed: '89005971',
    why: 'the simulation took what is in a folder for deleted, as a journal that was put back deletes the file that was there before',
    with: TO_ACCENTS,
  },
  {
    seed: '90775173',
    why: 'the simulation took a release that could not be undone for want of room for one that is shown in part',
    with: TO_ACCENTS,
  },
  {
    seed: '880000005',
    why: 'a part of a release that failed could not be undone at a mirror, as that took room: it was left there for good, and nobody knew of it',
    with: TO_ACCENTS,
  },
  {
    seed: '880000715',
    why: 'a link told once more, after it was announced, what a release went on in, which had gone on in a newer one itself: that was shown in part',
    with: TO_ACCENTS,
  },
  {
    seed: '880000930',
    why: 'on a disk that folds case a release waited for what is in a folder, and had the file whose name the folder was to get: neither was ever done',
    with: TO_ACCENTS,
  },
  {
    seed: '880000474',
    why: 'a drop that makes a folder of the site like another one was told as done, with a file left there that could not be looked at',
    with: TO_ACCENTS,
  },
  {
    seed: '881500067',
    why: 'a mirror kept what was deleted for good, as somebody else’s: a loss of power brought its name back, and its version had been taken for another file',
    with: TO_ACCENTS,
  },
  {
    seed: '19990033',
    why: 'a drop to a web space that stopped at a restart was waited for among those that become releases, where nobody went on with it',
    with: TO_ACCENTS,
  },
  {
    seed: '880000309',
    why: 'a database that was put back knew nothing of what its drop had become, of which nobody had heard yet: taken for published twice',
    with: TO_ACCENTS,
  },
];

/** The same of `--decisions`. */
export const keptDecisions: readonly KeptSeed[] = [
  {
    seed: '36',
    why: 'in a catch-up what waited for no word had the number of the newest release, and took that along before its word',
  },
  {
    seed: '75',
    why: 'what was missed and waited for no word was renamed onto a path of a release that waits, and took that along before its word',
  },
  {
    seed: '158',
    why: 'what was missed and waited for no word overtook a part that was waiting here, and took a newer release along before its word',
  },
  {
    seed: '2005',
    why: 'two releases that were committed while a mirror compared were each taken for what the other went on in, and one was shown in part',
  },
  {
    seed: '3000127',
    why: 'what a rename had moved of a release that waited was overtaken by another one, and was taken for shown before its word',
  },
  {
    seed: '3000177',
    why: 'a file and the release that deletes it were published in one transaction, and the release was taken for shown in part',
  },
  {
    seed: '3000205',
    why: 'what had failed before a mirror ended was not tried again: nobody in the place of the worker did',
  },
  {
    seed: '3000327',
    why: 'what had come back and was deleted anew before a slow catch-up arrived was taken for a delete that has to be asked about',
  },
  {
    seed: '963789617',
    why: 'a delete that was wanted before the mirror compared was no part of the release that had put the file anew since, which was shown in part',
  },
  {
    seed: '970457326',
    why: 'a rename that was told by its two names, as routes are set, took what waited for the rest of its release out of it',
  },
  { seed: '970457057', why: 'a page that was renamed was taken for one without links' },
  {
    seed: '970193480',
    why: 'all that a mirror had heard as one waited for the word of a release that had overtaken a part, and took that along when it was overtaken itself',
  },
  {
    seed: '600038',
    why: 'a delete that a mirror had been told of in time was taken for one that it missed, and has to ask about',
  },
  {
    seed: '700192',
    why: 'a file whose name a release had before, and a newer one since, went on with the older, and the newer one was shown in part',
  },
  {
    seed: '600285',
    why: 'a delete that a page of the index told of, and a person agreed to by itself, was taken for a part of its release',
  },
  { seed: '800207', why: 'what a mirror had missed, and shows at once, was taken for releases that nothing joins' },
  {
    seed: '42000836',
    why: 'the simulated mirror let a word go by that was given while it compared with a journal of another name',
  },
  {
    seed: '42001678',
    why: 'a delete that a person was asked about, and a rename overtook, was taken for a part of its release that was not shown',
  },
  {
    seed: '48000039',
    why: 'the same of what a release had put, whose later delete a person was asked about',
  },
  {
    seed: '987266404',
    why: 'what was in a folder that a publisher renamed, while a journal that was put back did not know it, was taken for deleted by nobody',
  },
  {
    seed: '987266505',
    why: 'a release waited for ever: its mirror had said that it is ready while the master could not open the site, on a full disk',
  },
  {
    seed: '31000067',
    why: 'what had overtaken a part of a release, told by a catch-up that went on after it broke off, was no part of it',
    with: ['pages'],
  },
  {
    seed: '31000233',
    why: 'a page that was missed was shown before its target, of which a later message of the catch-up was to tell',
    with: ['pages'],
  },
  {
    seed: '18510429',
    why: 'a database was put back after a failed flush: a time that was set already was told again, noted nowhere, and lost with the power',
    with: ['pages'],
  },
];

/** What a seed leads to may be of that kind. */
export function knows(seed: string, what: Learned): boolean {
  const known = [...keptSeeds, ...keptDecisions].find((kept) => kept.seed === seed);
  return known === undefined || known.with?.includes(what) === true;
}
