import type { Messages } from './en.ts';

export const pairing: Messages['pairing'] = {
  validFor: '有効期間',
  periods: { ten: '10 分', hour: '1 時間', day: '1 日', week: '7 日' },
  address: 'コードに含めるアドレス',
  allAddresses: 'この端末のすべてのアドレス',
  other: '別のアドレス…',
  otherLabel: 'ミラーから見たこのマスターのアドレス',
  otherWrong: '「ホスト名:ポート番号」の形ではありません。',
  left: (time) => `1 回だけ使えます。残り ${time} です。`,
  looksAt: (addresses) => `ミラーは ${addresses} でこのマスターを探します。`,
  anotherCode: '別のコードを作る',
  follow: '別のサイトを追う…',
  followTitle: '別のサイトを追う',
  code: 'マスターのペアリングコード',
  looking: 'マスターを探しています…',
  found: (site, address) => `${site}: マスターは ${address} で応答しています。`,
  notFound: (site) => `${site}: ここからはマスターが応答しません。応答すれば追えます。`,
  folder: 'ファイルを置くフォルダー',
  folderNote: 'すでにあって同じものはそのまま残り、異なるものはマスターのもので置き換わります。',
  dial: 'リンクを張る側',
  dials: {
    either: '相手に届くほう',
    mirror: 'この端末からマスターへ',
    master: 'マスターからこの端末へ',
  },
  dialNote:
    'マスターから張れるのは、待ち受けているミラーだけです。設定で「ほかのインストールからの接続を受け付ける」を選んでください。',
  asLink: 'コードを含むリンク',
  orLink: 'リンクとして送ることもできます。開くと、コードが入力された状態でアプリが開きます。',
  offeredAtMaster: 'この端末はマスターなので、ほかのマスターを追うことはできません。リンクはミラーで開いてください。',
  join: '追う',
};
