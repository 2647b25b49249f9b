import type { Sentences } from '../speaker.ts';

/** Sites, accounts, groups, routes, and what waits. */
export const sites = {
  'site.unknown': [
    'There is no site {name?“%”|{site?“%”|of that name}} here.',
    'lockstep status{same|} lists the sites.',
    'Choose one of the sites at the top left.',
  ],
  'site.which': [
    'There are several sites here{sites?: %|}.',
    'Say which one you mean, with --site NAME.',
    'Choose one of the sites at the top left.',
  ],
  'site.exists': [
    'The site {name?“%”|{site?“%”|of that name}} is already here.',
    'Choose another name, or remove that site first.',
  ],
  'site.root-missing': [
    'The folder {root?“%”|of the site} is not there, or is not a folder that Lockstep can use.',
    '{at?On %, mount its disk or put the folder back: it goes on by itself. If it was moved, that is said there.|{follows?Mount its disk or put the folder back: it goes on by itself. If it was moved: lockstep follow set --site % --root PATH{same|}. If it is lost, lockstep waiting publish %:site{same|} fetches everything into a new folder.|{publishes?Mount its disk or put the folder back: it goes on by itself, and until then nothing counts as deleted. If it was moved: lockstep site set % --root PATH{same|}.|Mount its disk or put the folder back: it goes on by itself.}}}',
    '{at?On %, mount its disk or put the folder back: it goes on by itself. If it was moved, that is said there.|{follows?Mount its disk or put the folder back: it goes on by itself. If “%” was moved, say where it is now; if it is lost, fetch everything anew.|{publishes?Mount its disk or put the folder back: it goes on by itself, and until then nothing counts as deleted. If “%” was moved, say where it is now.|Mount its disk or put the folder back: it goes on by itself.}}}',
  ],
  'site.unread': [
    'The database was restored from an older copy, and {path?“%”|something} in the site’s folder{more? (and % more)|} cannot be read yet. Mirrors would delete it, so they are told nothing until it can.',
    'Let the user that runs Lockstep read it, or remove it. Lockstep checks again by itself.',
  ],
  'site.no-folder': [
    'There is no folder {root?“%”|of that name} on this machine.',
    'Name the folder that holds the site, or make it first.',
  ],
  'site.root-other': [
    'There is a different folder at {root?“%”|the place of the site}, not the one that Lockstep filled.',
    '{at?On %, mount the right disk; nothing is fetched or deleted until then.|Mount the right disk; nothing is published or deleted until then. To use this folder from now on: lockstep waiting publish {publishes|{follows|SITE}}:site{same|}.}',
    '{at?On %, mount the right disk; nothing is fetched or deleted until then.|Mount the right disk; nothing is published or deleted until then. To use this folder from now on, choose “Use this folder”.}',
  ],
  'site.root-elsewhere': [
    '{root?“%”|This folder} is not the folder of the site{site? “%”|}: Lockstep’s own “.lockstep” is missing from it, or belongs to another site.',
    'Move the whole folder there, “.lockstep” included, then try again.',
  ],
  'site.root-denied': [
    'Lockstep{user?, which runs as the user “%”,|} cannot read and write in {root?“%”|the folder of the site}.',
    'Give that user access to it, and to “.lockstep” in it if there is one; or choose another folder.',
  ],
  'site.root-clash': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”,|is} the folder of another site or of Lockstep itself.',
    'Choose a separate folder.',
  ],
  'site.reserved-taken': [
    '{root?In “%”|In this folder} something else is named {path?“%”|“.lockstep”}, the name of Lockstep’s own folder in each site.',
    'Move it out of the way, or choose another folder.',
  ],
  'site.root-data': [
    '{other?“%”|A folder}, which {root?“%”|this folder} overlaps with, looks like a Lockstep data folder: its key would be published.',
    'Choose another folder. If it is not a data folder but only has files of the same names, rename the config.json in it.',
  ],
  'site.root-taken': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”, which belongs|belongs} to {name?the install “%”|another install}{host? on the machine %|}{dataDir? (its data: “%”)|}.',
    'Choose another folder. If that install is gone for good, or this is a copy, take it over with --take-over (for a site that is already here: lockstep waiting {waiting?publish %{same|}|list{same|} says how}).',
    'Choose another folder. If that install is gone for good, or this is a copy, take it over.',
  ],
  'site.root-used': [
    '{root?The folder “%”|This folder} {other?overlaps with “%”, which belongs|belongs} to {name?the install “%”|another install} on this machine{dataDir? (its data: “%”)|}.',
    'Choose another folder, or free it there first: lockstep site remove or follow remove, with the --data of that install.',
    'Choose another folder, or free it in that install first.',
  ],
  'watch.interrupted': [
    'The watch of {root?“%”|the folder} was interrupted{reason? (%)|}.',
    'It restarts by itself, and then compares the whole folder.',
  ],
  'watch.limit': [
    'This system does not allow enough watches for {root?“%”|the folder}{reason? (%)|}.',
    'Raise fs.inotify.max_user_watches and max_user_instances. Until then, the folder is compared from time to time.',
  ],
  'account.exists': [
    'There is an account {user?“%”|of that name} already.',
    'Choose another name, or give it a new password with lockstep account password USER{same|}.',
    'Choose another name, or give that account a new password.',
  ],
  'account.unknown': [
    'There is no account {user?“%”|of that name}.',
    'lockstep account list{same|} lists them.',
    'The accounts are listed on the overview.',
  ],
  'account.not-locked': [
    '{who?“%”|This address or account} is not locked out.',
    'lockstep status{same|} lists who is. After a restart of Lockstep, nobody is.',
    'It can already log in again: nothing to do.',
  ],
  'account.bad-password': ['This password does not fit: it needs 8 to 256 characters.', 'Choose another password.'],
  'not-in-step': [
    'Not in step in time{reason?: %|}.',
    'lockstep status{same|} says what is behind and why.',
    'The overview says what is behind and why.',
  ],
  'guard.held': [
    'Held: {count|{files|many}} of {of|the} files would be deleted at once{share? (%)|}.',
    '{flag?If you mean it, say so with %; otherwise check the folder first|If you mean it, let it go on{waiting?: lockstep waiting publish %{same|}|, as lockstep waiting list{same|} says}; otherwise check the master’s folder first}.',
    'If you mean it, let them be deleted; otherwise check the master’s folder first.',
  ],
  'drift.changed': [
    'Someone has changed {path?“%”|this file} on the mirror: it is not what the master published.',
    'Bring the master’s file back{waiting? with lockstep waiting publish %{same|}|}, or leave it as it is{waiting? with lockstep waiting discard %{same|}|, as lockstep waiting list{same|} says}.',
    'Bring the master’s file back, or leave it as it is until the master changes it.',
  ],
  'drift.missing': [
    'Someone has removed {path?“%”|this file} on the mirror.',
    'Bring the master’s file back{waiting? with lockstep waiting publish %{same|}|}, or leave it out{waiting? with lockstep waiting discard %{same|}|, as lockstep waiting list{same|} says}.',
    'Bring the master’s file back, or leave it out until the master changes it.',
  ],
  'drift.many': [
    'Someone has changed or removed {count|many} files on the mirror.',
    'Bring all of them back{waiting? with lockstep waiting publish %{same|}|}, or leave all as they are{waiting? with lockstep waiting discard %{same|}|, as lockstep waiting list{same|} says}.',
    'Bring all of them back, or leave all as they are until the master changes them.',
  ],
  'waiting.unknown': [
    'Nothing with the id {id?“%”|that was given} is waiting.',
    'lockstep waiting list{same|} lists what is.',
    'It has gone on or been decided since: nothing to do.',
  ],
  'group.exists': [
    'There is already a group {group?“%”|of that name}.',
    'Choose another name, or remove that group first.',
  ],
  'group.unknown': [
    'There is no group {group?“%”|of that name}.',
    'See them with “lockstep group list{same|}”.',
    'It has been removed or renamed since.',
  ],
  'group.wrong-rule': [
    'The group {group?“%” |}does not wait for a commit: its rule is “{rule|another one}”.',
    'Nothing to do. “--rule release” makes a group wait for its publisher.',
    'Nothing to do. Change its rule if it should wait for you.',
  ],
  'glob.folder': [
    '{glob?“%” is|This is} the name of a folder and matches nothing inside it.',
    'Write “{glob|FOLDER}/**” for everything inside it.',
  ],
  'setlink.unknown': [
    'No such link was set by hand.',
    'See them with “lockstep link list --set{same|}”.',
    'It has been removed since.',
  ],
  'route.unknown-mirror': [
    'No mirror is named {mirror?“%”|that}{near? (did you mean “%”?)|}.',
    'lockstep peer list{same|} lists the mirrors. For one that you will pair later, add --force.',
    'Choose one of the paired mirrors.',
  ],
  'route.exists': [
    'There is already a route for {glob?“%”|this pattern}.',
    'The first match wins: remove that route first.',
  ],
  'route.unknown': [
    'There is no route for {glob?“%”|this pattern}.',
    'See them with “lockstep route list{same|}”.',
    'It has been removed since.',
  ],
  'change.given-up': [
    'Someone gave this change up{by? at %|}: it was not published here.',
    'If it is needed after all, upload the file again.',
  ],
  'wait.content': ['{count?Files that are still being fetched: %|It is still being fetched}.', 'Nothing to do.'],
  'wait.group': [
    'The group {group?“%” |}is not complete{missing?: % has not come yet|}.',
    'Upload what is missing, or publish what there is.',
  ],
  'wait.settling': ['The group {group?“%” |}is still changing.', 'It appears once no member has changed for a moment.'],
  'wait.commit': [
    'The group {group?“%” |}waits for its publisher.',
    'Commit it on the master, with “lockstep group commit {group|NAME}{same|}”, or with a release.',
    'Commit it on the master, under Groups, or with a release.',
  ],
  'wait.held': [
    'The group {group?“%” |}was not complete in time{missing?: % has not come|}.',
    'Publish what there is, or discard it.',
    'Publish what there is, or give it up.',
  ],
  'wait.release': [
    'The release has not arrived whole yet.',
    'Nothing to do: it continues once the master is connected.',
  ],
  'wait.word': [
    'The release{name? “%”|} is here and waits for the word{ready?: % |}{of?of % mirrors are ready|}{quorum?; % are enough when the time is up|}.',
    'Nothing to do: the master gives the word.',
  ],
  'wait.target': [
    '{page?“%”|The page} links to {target?“%”|a file} that is on its way.',
    'Nothing to do: both appear together.',
  ],
  'wait.missing-target': [
    '{page?“%”|The page} links to {target?“%”|a file} that the master does not have.',
    'Upload it, or fix the link. Otherwise the page appears without it after a moment.',
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
    '{path?“%”|A file} in the site’s folder is still being written, or a program has it open for writing.',
    'Nothing to do: it is published once that is over, or as it is after an hour.',
  ],
  'wait.moved': [
    '{path?“%”|The old file} is shown until the same content appears as {target?“%”|the new one}.',
    'See what the new one is waiting for. After that the old one goes by itself.',
  ],
} satisfies Partial<Sentences>;
