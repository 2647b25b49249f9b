import { sentence, sentenceParts } from '../errors/sentences.en.ts';
import type { Reason } from './explain-peer.ts';
import { type PeerWords, type ReasonTexts, waitingPath } from './peer-words.ts';

/** Why a mirror is behind, in English: a sentence or two, and a few words for a list. */
export const reasonTexts: ReasonTexts = { sentence: tell, short };

function changes(words: PeerWords, value: number): string {
  return `${words.number(value)} ${value === 1 ? 'change' : 'changes'}`;
}

function tell(reason: Reason, words: PeerWords): string {
  const { peer, role } = words;
  switch (reason.code) {
    case 'paused-here': {
      const missed = reason.changes > 0 ? ` ${changes(words, reason.changes)} wait until it is resumed.` : '';
      if (reason.all) return `Everything here has been paused since ${words.clock(reason.since)}.${missed}`;
      return role === 'master'
        ? `${peer} has been paused here since ${words.clock(reason.since)}: it is told of nothing and fetches nothing.${missed}`
        : `This site has been paused here since ${words.clock(reason.since)}: nothing is fetched, and nothing changes in its folder.${missed}`;
    }
    case 'paused-there': {
      const missed = reason.changes > 0 ? ` ${changes(words, reason.changes)} wait until it is resumed.` : '';
      return role === 'master'
        ? `${peer} was paused on its own machine, since ${words.clock(reason.since)}. It continues when resumed there.${missed}`
        : `Its master ${peer} has paused this mirror, since ${words.clock(reason.since)}. It continues when the master resumes it.${missed}`;
    }
    case 'away':
      return `${peer} last answered ${words.ago(reason.lastSeenAt)}.${cause(reason, words)}`;
    case 'link':
      return sentence(reason.error, words.place);
    case 'never-seen':
      return `${peer} has not connected yet.${cause(reason, words)}`;
    case 'source':
      return `Nothing could be fetched since ${words.clock(reason.item.since)}. ${sentence(reason.item.error, words.place)}${next(reason.item.nextAttemptAt, words)}`;
    case 'held':
    case 'drift':
      return `${waitingPath(reason.item)}${sentence(reason.item.error, words.place)}`;
    case 'held-more':
      return `${words.number(reason.changes)} more ${reason.changes === 1 ? 'needs' : 'need'} attention.`;
    case 'failing':
      return `${waitingPath(reason.item)}${sentence(reason.item.error, words.place)}${next(reason.item.nextAttemptAt, words)}`;
    case 'failing-more':
      return `${words.number(reason.changes)} more ${reason.changes === 1 ? 'fails' : 'fail'}.`;
    case 'waits': {
      const { until } = reason.item;
      const end = until === undefined ? '' : ` It appears as it is by ${words.clock(until)}.`;
      return `${waitingPath(reason.item)}${sentence(reason.item.error, words.place)}${end}`;
    }
    case 'outside-hours':
      return `${changes(words, reason.changes)} ${reason.changes === 1 ? 'waits' : 'wait'} for its hours: it fetches ${hoursOf(reason.hours)}, next at ${words.clock(reason.opensAt)}.`;
    case 'never-open':
      return `It fetches ${hoursOf(reason.hours)}: there is no such hour. Change the hours on the master or the mirror.`;
    case 'limited':
      return `It fetches at no more than ${words.bytes(reason.bytesPerSecond)}/s.`;
    case 'on-the-way': {
      const left =
        reason.remainingMillis === undefined
          ? ''
          : ` At this pace it takes about ${words.duration(reason.remainingMillis)}.`;
      return `${changes(words, reason.changes)} ${reason.changes === 1 ? 'is' : 'are'} on the way. This continues by itself.${left}`;
    }
    case 'when-back':
      return `${changes(words, reason.changes)} ${reason.changes === 1 ? 'waits' : 'wait'} until it answers again.`;
    case 'version':
      return `It runs Lockstep ${reason.theirs}, this machine ${reason.ours}. Install the same version on both.`;
    case 'clock':
      return `Its clock is ${words.duration(Math.abs(reason.aheadMillis))} ${reason.aheadMillis > 0 ? 'ahead of' : 'behind'} this machine's. The order of changes does not depend on it; times in the history do.`;
  }
}

function short(reason: Reason, words: PeerWords): string {
  switch (reason.code) {
    case 'paused-here':
      return `paused here since ${words.clock(reason.since)}`;
    case 'paused-there':
      return words.role === 'master'
        ? `paused on its own machine since ${words.clock(reason.since)}`
        : `paused by its master since ${words.clock(reason.since)}`;
    case 'away':
      return `last answered ${words.ago(reason.lastSeenAt)}`;
    case 'link':
      return sentenceParts(reason.error, words.place).what;
    case 'never-seen':
      return 'has not connected yet';
    case 'source':
    case 'held':
    case 'failing':
    case 'waits':
    case 'drift':
      return `${waitingPath(reason.item)}${sentenceParts(reason.item.error, words.place).what}`;
    case 'held-more':
      return `${words.number(reason.changes)} ${reason.changes === 1 ? 'needs' : 'need'} attention`;
    case 'failing-more':
      return `${words.number(reason.changes)} ${reason.changes === 1 ? 'fails' : 'fail'}`;
    case 'outside-hours':
      return `fetches ${hoursOf(reason.hours)}, next at ${words.clock(reason.opensAt)}`;
    case 'never-open':
      return 'its hours never come';
    case 'limited':
      return `at most ${words.bytes(reason.bytesPerSecond)}/s`;
    case 'on-the-way':
      return `${changes(words, reason.changes)} on the way`;
    case 'when-back':
      return `${changes(words, reason.changes)} behind`;
    case 'version':
      return `runs Lockstep ${reason.theirs}`;
    case 'clock':
      return `clock ${words.duration(Math.abs(reason.aheadMillis))} ${reason.aheadMillis > 0 ? 'ahead' : 'behind'}`;
  }
}

function cause({ error, nextAttemptAt }: Extract<Reason, { code: 'away' | 'never-seen' }>, words: PeerWords): string {
  return `${error ? ` ${sentence(error, words.place)}` : ''}${nextAttemptAt === undefined ? '' : next(nextAttemptAt, words)}`;
}

function next(at: number | undefined, words: PeerWords): string {
  if (at === undefined) return ' Then try it again.';
  return at > words.now ? ` Next try in ${words.duration(at - words.now)}.` : ' Trying now.';
}

function hoursOf(all: Extract<Reason, { code: 'outside-hours' }>['hours']): string {
  return all.map(({ from, to }) => `from ${from} to ${to}`).join(' and ');
}
