import type { Messages } from './en.ts';

export const desktopSettings: Messages['settings']['desktop'] = {
  title: 'デスクトップアプリ',
  closing: 'ウインドウを閉じたとき',
  closingChoice: { stay: '動作を続ける', quit: '終了する' },
  closingNote: {
    tray: '動作中はトレイにマークが出ます。転送はウインドウがなくても続きます。',
    dock: '動作中は Dock に表示されます。転送はウインドウがなくても続きます。',
    none: 'このデスクトップにはトレイがなく、ウインドウを閉じると動作中であることが見えません。どちらも選ばなければ毎回確認します。もう一度 Lockstep を起動するとウインドウが開きます。',
  },
  login: 'ログイン時に起動',
  loginNote: 'ウインドウは開きません。',
  notifications: '通知',
  notificationsNote: '判断が必要なものと、すべてのミラーに届いたリリースを知らせます。',
  switch: { on: 'オン', off: 'オフ' },
  updates: 'アップデート',
  updatesNote: '1 日に 1 回確認します。ダウンロードもインストールも、指示があるまで行いません。',
  noSource: 'このビルドには更新元が設定されていません。',
  updatesLinux:
    'Linux ではアップデートを確認しません。新しいバージョンは、このバージョンと同じ方法でインストールしてください。',
  update: {
    checking: '新しいバージョンを確認しています…',
    none: '最新のバージョンです。',
    available: (version) => `バージョン ${version} があります。`,
    fetching: (version) => `バージョン ${version} をダウンロードしています。`,
    ready: (version) => `バージョン ${version} を使う準備ができました。`,
    failed: '更新元から正しい応答がありません。明日もう一度確認します。',
  },
  check: '今すぐ確認',
  fetch: 'ダウンロード',
  install: '再起動してインストール',
  secrets: '保存するパスワード',
  secretsKept: 'このユーザーのキーチェーンに保存します。',
  secretsRefused: 'このセッションには保護できるキーチェーンがないため、パスワードは保存しません。',
};
