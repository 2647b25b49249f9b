import type { Messages } from './en.ts';

export const checks: Messages['checks'] = {
  title: '点検',
  explain: 'ポート、証明書、ディスク、フォルダー、時計、データベース、相手を調べ、すべきことを示します。',
  linkTitle: '診断',
  linkExplain: '相手に届くか、取り決めた証明書か、時計とバージョン、ファイルを取得できるかを調べます。',
  run: '調べる',
  again: 'もう一度調べる',
  running: '調べています…',
  allRight: (n) => `問題はありません（${n} 項目）。`,
  rest: (n) => `${n} 項目は問題ありません`,
  level: { ok: '良好', warning: '要確認', problem: '問題' },
};
