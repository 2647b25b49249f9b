import type { Messages } from './en.ts';

export const score: Messages['score'] = {
  title: 'スコア',
  label: (span) =>
    `直近の${span}のスコア。1 本の線が 1 台の端末、1 つの点がそこで見えるようになった変更です。左右キーで変更、上下キーで端末を選び、Enter で履歴を開きます。「表」で同じ内容を文字で表示します。`,
  spans: { minute: '1 分', hour: '1 時間', day: '1 日' },
  inSpan: { minute: '1 分', hour: '1 時間', day: '1 日' },
  spanLabel: '期間',
  table: '表',
  empty: {
    minute: 'この 1 分間に変更はありません。',
    hour: 'この 1 時間に変更はありません。',
    day: 'この 1 日に変更はありません。',
  },
  asking: '変更を問い合わせています…',
  rates: (perSecond) => `毎秒 ${perSecond} 件の変更`,
  bytesRate: (bytes) => `毎秒 ${bytes} を受信`,
  around: (n, _value, time) => `${time} 頃に ${n} 件の変更`,
  by: (op, account) => `${account} による${op}`,
  after: (name, time) => `${name}: ${time}後に表示`,
  notYet: (name, state) => `${name} では${state}`,
  reached: (n, all) => (n === all ? `${n} 台すべてに反映` : `${all} 台中 ${n} 台に反映`),
  release: 'リリースの一部',
  missing: (n) => `${n} 件の遅れ`,
  machine: '端末',
  count: '変更',
  lag: '通常の遅延',
  state: '状態',
  machines: 'スコアの端末',
  latest: 'スコアの変更',
  source: '変更の発信元',
  more: (n) => `表には新しい ${n} 件を表示しています。`,
};
