import type { Sentences } from '../speaker.ts';

/** Sites, accounts, groups, routes, and what waits. */
export const sites = {
  'site.unknown': [
    'There is no site {name?“%”|{site?“%”|of that name}} here.',
    'lockstep status{same|} names the sites.',
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
    'Mount its disk or put the folder back; nothing is taken for deleted until then. Where it was moved, at a master: lockstep site set SITE --root PATH{same|}. At a mirror, lockstep waiting publish SITE:site{same|} fetches all of it into a new folder.',
    'Mount its disk or put the folder back; nothing is taken for deleted until then. Where it was moved, name its new place in the settings of the master. At a mirror, “Try now” fetches all of it into a new folder.',
  ],
  'site.unread': [
    'The database was put back from an older copy, and {path?“%”|something} in the folder of the site{more? (and % more)|} cannot be read yet: the mirrors would delete what they have of it, and are told nothing before that.',
    'Give the user that runs Lockstep the right to read it, or take it away; it is looked at again by itself.',
  ],
  'site.no-folder': [
    'There is no folder {root?“%”|of that name} on this machine.',
    'Name the folder that holds the site, or make it first.',
  ],
  'site.root-other': [
    'Another folder stands at {root?“%”|the place of the site}: it is not the one that Lockstep has filled there.',
    'Mount the right disk; nothing is published or deleted until then. If this is the folder from now on, say so with lockstep waiting publish SITE:site{same|}.',
    'Mount the right disk; nothing is published or deleted until then. If this is the folder from now on, choose “Try now”.',
  ],
  'site.root-elsewhere': [
    '{root?“%”|This folder} is not the folder of the site{site? “%”|}: what Lockstep keeps in that, “.lockstep”, is not in it, or is of another site.',
    'Move the whole folder there, “.lockstep” included, then name it again.',
  ],
  'site.root-denied': [
    'Lockstep{user?, which runs as the user “%”,|} may not read and write in {root?“%”|the folder of the site}.',
    'Give that user the right to it, and to “.lockstep” in it where there is one; or choose another folder.',
  ],
  'site.root-clash': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”,|is} the folder of another site or of Lockstep itself.',
    'Choose a folder of its own.',
  ],
  'site.reserved-taken': [
    '{root?In “%”|In this folder} something else has the name {path?“%”|“.lockstep”}: there Lockstep keeps a folder of its own in each site.',
    'Move that out of the way, or choose another folder.',
  ],
  'site.root-data': [
    '{other?“%”|A folder}, which {root?“%”|this folder} overlaps with, looks like the data folder of a Lockstep: its key would be published.',
    'Choose another folder. If it is none, and somebody has only put files of such names there, give the config.json in it another name.',
  ],
  'site.root-taken': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”, which belongs|belongs} to {name?the install “%”|another install}{host? on the machine %|}{dataDir? (its data: “%”)|}.',
    'Choose another folder. Where that install is gone for good, or this is a copy, take it over with --take-over (of a site that is here already: lockstep waiting publish{same|}).',
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
    'Choose another name, or give it a new password with lockstep account password USER{same|}.',
    'Choose another name, or give that account a new password.',
  ],
  'account.unknown': [
    'There is no account {user?“%”|of that name}.',
    'lockstep account list{same|} names them.',
    'The accounts stand in the overview.',
  ],
  'account.not-locked': [
    '{who?“%”|This address or account} is not locked out.',
    'lockstep status{same|} names who is; after a start of Lockstep nobody is.',
    'It can log in again already: nothing has to be done.',
  ],
  'account.bad-password': ['This password will not do: it needs 8 to 256 characters.', 'Choose another password.'],
  'not-in-step': [
    'Not in step in time{reason?: %|}.',
    'lockstep status{same|} says what is behind and why.',
    'The overview says what is behind and why.',
  ],
  'guard.held': [
    'Held: {count|{files|many}} of {of|the} files would be deleted at once{share? (%)|}.',
    '{flag?If that is meant, say so with %; otherwise look at the folder first|If that is meant, let it go on with lockstep waiting publish{same|}; otherwise look at the folder of the master first}.',
    'If that is meant, let them be deleted; otherwise look at the folder of the master first.',
  ],
  'drift.changed': [
    'Somebody has changed {path?“%”|this file} at the mirror: it is not what the master published.',
    'Bring the file of the master back with lockstep waiting publish{same|}, or leave it as it is with lockstep waiting discard{same|}.',
    'Bring the file of the master back, or leave it as it is until the master changes it.',
  ],
  'drift.missing': [
    'Somebody has removed {path?“%”|this file} at the mirror.',
    'Bring the file of the master back with lockstep waiting publish{same|}, or leave it out with lockstep waiting discard{same|}.',
    'Bring the file of the master back, or leave it out until the master changes it.',
  ],
  'drift.many': [
    'Somebody has changed or removed {count|many} files at the mirror.',
    'Bring all of them back with lockstep waiting publish{same|}, or leave all as they are with lockstep waiting discard{same|}.',
    'Bring all of them back, or leave all as they are until the master changes them.',
  ],
  'waiting.unknown': [
    'Nothing with the id {id?“%”|that was given} is waiting.',
    'lockstep waiting list{same|} names what is.',
    'It went on or was decided meanwhile; nothing has to be done.',
  ],
  'group.exists': [
    'There is already a group {group?“%”|of that name}.',
    'Choose another name, or remove that group first.',
  ],
  'group.unknown': [
    'There is no group {group?“%”|of that name}.',
    'See them with “lockstep group list{same|}”.',
    'It was removed or renamed meanwhile.',
  ],
  'group.wrong-rule': [
    'The group {group?“%” |}does not wait for a commit: its rule is “{rule|another one}”.',
    'Nothing has to be done; “--rule release” makes a group wait for its publisher.',
    'Nothing has to be done; change its rule if it is to wait for you.',
  ],
  'glob.folder': [
    '{glob?“%” is|This is} the name of a folder: nothing that is in it is meant by that.',
    'Write “{glob|FOLDER}/**” for all that is in it.',
  ],
  'setlink.unknown': [
    'No such link was set by hand.',
    'See them with “lockstep link list --set{same|}”.',
    'It was removed meanwhile.',
  ],
  'route.unknown-mirror': [
    'No mirror is named {mirror?“%”|so}{near? (did you mean “%”?)|}.',
    'lockstep peer list{same|} names the mirrors; for one that will be paired later write --force.',
    'Choose among the mirrors that are paired.',
  ],
  'route.exists': [
    'There is already a route for {glob?“%”|this pattern}.',
    'The first match wins: remove that route first.',
  ],
  'route.unknown': [
    'There is no route for {glob?“%”|this pattern}.',
    'See them with “lockstep route list{same|}”.',
    'It was removed meanwhile.',
  ],
  'change.given-up': [
    'Somebody gave this change up{by? at %|}: it was not published here.',
    'Upload the file again where it is needed after all.',
  ],
  'wait.content': [
    '{count?Files that are still being fetched: %|It is still being fetched}.',
    'Nothing has to be done.',
  ],
  'wait.group': [
    'The group {group?“%” |}is not complete{missing?: % has not come yet|}.',
    'Upload what is missing, or publish what there is.',
  ],
  'wait.settling': ['The group {group?“%” |}still changes.', 'It appears when no member has changed for a moment.'],
  'wait.commit': [
    'The group {group?“%” |}waits for its publisher.',
    'Commit it at the master, with “lockstep group commit {group|NAME}{same|}”, or with a release.',
    'Commit it at the master, under Groups, or with a release.',
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
  'wait.writing': [
    '{path?“%”|A file} is still being written to in the folder of the site, or a program has it open for writing.',
    'Nothing has to be done: it is published when that is over, and as it stands after an hour.',
  ],
  'wait.moved': [
    '{path?“%”|The old file} is shown until the same content is shown as {target?“%”|the new one}.',
    'Look what the new one waits for; the old one goes by itself after that.',
  ],
} satisfies Partial<Sentences>;
