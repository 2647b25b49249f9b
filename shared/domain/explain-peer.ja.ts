import { sentence, sentenceParts } from '../errors/sentences.ja.ts';
import type { Reason } from './explain-peer.ts';
import { type PeerWords, type ReasonTexts, waitingPath } from './peer-words.ts';

/** Why a mirror is behind, in Japanese: a sentence or two, and a few words for a list. */
export const reasonTexts: ReasonTexts = { sentence: tell, short };

function tell(reason: Reason, words: PeerWords): string {
  const { peer, role } = words;
  switch (reason.code) {
    case 'paused-here': {
      const missed = reason.changes > 0 ? `再開まで ${words.number(reason.changes)} 件の変更が待ちます。` : '';
      const since = words.clock(reason.since);
      if (reason.all) return `${since} からここですべてを一時停止しています。${missed}`;
      return role === 'master'
        ? `${since} からここで ${peer} を一時停止しています。何も通知せず、何も取得させません。${missed}`
        : `${since} からこのサイトをここで一時停止しています。何も取得せず、フォルダーの中も変わりません。${missed}`;
    }
    case 'paused-there': {
      const missed = reason.changes > 0 ? `再開まで ${words.number(reason.changes)} 件の変更が待ちます。` : '';
      const since = words.clock(reason.since);
      return role === 'master'
        ? `${peer} は ${since} から相手側で一時停止しています。相手側で再開すると続きます。${missed}`
        : `マスターの ${peer} が ${since} からこのミラーを一時停止しています。マスターが再開すると続きます。${missed}`;
    }
    case 'away':
      return `${peer} の最後の応答は${words.ago(reason.lastSeenAt)}です。${cause(reason, words)}`;
    case 'link':
      return sentence(reason.error);
    case 'never-seen':
      return `${peer} はまだ一度も接続していません。${cause(reason, words)}`;
    case 'source':
      return `${words.clock(reason.item.since)} から何も取得できません。${sentence(reason.item.error)}${next(reason.item.nextAttemptAt, words)}`;
    case 'held':
    case 'drift':
      return `${waitingPath(reason.item)}${sentence(reason.item.error)}`;
    case 'held-more':
      return `ほかに ${words.number(reason.changes)} 件が人の判断を待っています。`;
    case 'failing':
      return `${waitingPath(reason.item)}${sentence(reason.item.error)}${next(reason.item.nextAttemptAt, words)}`;
    case 'failing-more':
      return `ほかに ${words.number(reason.changes)} 件が失敗しています。`;
    case 'waits': {
      const { until } = reason.item;
      const end = until === undefined ? '' : `遅くとも ${words.clock(until)} にはあるものだけで公開されます。`;
      return `${waitingPath(reason.item)}${sentence(reason.item.error)}${end}`;
    }
    case 'outside-hours':
      return `${words.number(reason.changes)} 件の変更が時間帯を待っています。取得するのは${hoursOf(reason.hours)}で、次は ${words.clock(reason.opensAt)} です。`;
    case 'never-open':
      return `取得するのは${hoursOf(reason.hours)}ですが、当てはまる時刻がありません。どちらかの時間帯を変えてください。`;
    case 'limited':
      return `取得の速さは最大 ${words.bytes(reason.bytesPerSecond)}/秒です。`;
    case 'on-the-way': {
      const left =
        reason.remainingMillis === undefined
          ? ''
          : `この調子なら、あと約${words.duration(reason.remainingMillis)}です。`;
      return `${words.number(reason.changes)} 件の変更が転送中です。そのまま進みます。${left}`;
    }
    case 'when-back':
      return `${words.number(reason.changes)} 件の変更が、応答が戻るのを待っています。`;
    case 'version':
      return `相手は Lockstep ${reason.theirs}、この端末は ${reason.ours} です。同じバージョンにそろえてください。`;
    case 'clock':
      return `相手の時計はこの端末より${words.duration(Math.abs(reason.aheadMillis))}${reason.aheadMillis > 0 ? '進んで' : '遅れて'}います。変更の順序には影響しませんが、履歴の時刻がずれます。`;
  }
}

function short(reason: Reason, words: PeerWords): string {
  switch (reason.code) {
    case 'paused-here':
      return `${words.clock(reason.since)} からここで一時停止`;
    case 'paused-there':
      return words.role === 'master'
        ? `${words.clock(reason.since)} から相手側で一時停止`
        : `${words.clock(reason.since)} からマスターが一時停止`;
    case 'away':
      return `最後の応答は${words.ago(reason.lastSeenAt)}`;
    case 'link':
      return sentenceParts(reason.error).what;
    case 'never-seen':
      return 'まだ接続していません';
    case 'source':
    case 'held':
    case 'failing':
    case 'waits':
    case 'drift':
      return `${waitingPath(reason.item)}${sentenceParts(reason.item.error).what}`;
    case 'held-more':
      return `${words.number(reason.changes)} 件が人の判断待ち`;
    case 'failing-more':
      return `${words.number(reason.changes)} 件が失敗`;
    case 'outside-hours':
      return `取得は${hoursOf(reason.hours)}、次は ${words.clock(reason.opensAt)}`;
    case 'never-open':
      return '取得できる時間帯がありません';
    case 'limited':
      return `最大 ${words.bytes(reason.bytesPerSecond)}/秒`;
    case 'on-the-way':
      return `${words.number(reason.changes)} 件が転送中`;
    case 'when-back':
      return `${words.number(reason.changes)} 件の遅れ`;
    case 'version':
      return `Lockstep ${reason.theirs}`;
    case 'clock':
      return `時計が${words.duration(Math.abs(reason.aheadMillis))}${reason.aheadMillis > 0 ? '進み' : '遅れ'}`;
  }
}

function cause({ error, nextAttemptAt }: Extract<Reason, { code: 'away' | 'never-seen' }>, words: PeerWords): string {
  return `${error ? sentence(error) : ''}${nextAttemptAt === undefined ? '' : next(nextAttemptAt, words)}`;
}

function next(at: number | undefined, words: PeerWords): string {
  if (at === undefined) return '人が指示するまで再試行しません。';
  return at > words.now ? `次の試行は${words.duration(at - words.now)}後です。` : '試行中です。';
}

function hoursOf(all: Extract<Reason, { code: 'outside-hours' }>['hours']): string {
  return all.map(({ from, to }) => `${from} 時から ${to} 時`).join('、かつ');
}
