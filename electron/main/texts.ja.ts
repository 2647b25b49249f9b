import type { EngineSummary } from '../../shared/contract/desktop.ts';
import type { Texts } from './texts.ts';

export const ja: Texts = {
  state(summary, sentence) {
    const { state, error, needCount, paused, peer } = summary;
    switch (state) {
      case 'starting':
        return 'エンジンを起動しています。';
      case 'unset':
        return 'まだ設定されていません。';
      case 'failed':
        return error === undefined ? 'エンジンを起動できませんでした。' : sentence(error);
      case 'needs-person':
        return `${needCount} 件が判断を待っています。`;
      case 'paused':
        return paused || peer === undefined ? 'すべての転送を一時停止しています。' : `${peer} は一時停止しています。`;
      case 'away':
      case 'working':
      case 'in-step':
        return ofPeers(summary, state);
    }
  },
  tray: {
    open: 'Lockstep を開く',
    publish: '公開…',
    pause: 'すべての転送を一時停止',
    resume: 'すべての転送を再開',
    quit: 'Lockstep を終了',
  },
  menu: {
    about: 'Lockstep について',
    settings: '設定…',
    services: 'サービス',
    hide: 'Lockstep を隠す',
    hideOthers: 'ほかを隠す',
    showAll: 'すべてを表示',
    quit: 'Lockstep を終了',
    file: 'ファイル',
    publish: '公開…',
    closeWindow: 'ウインドウを閉じる',
    edit: '編集',
    undo: '取り消す',
    redo: 'やり直す',
    cut: 'カット',
    copy: 'コピー',
    paste: 'ペースト',
    selectAll: 'すべてを選択',
    view: '表示',
    reload: '再読み込み',
    devTools: '開発者ツール',
    zoomIn: '拡大',
    zoomOut: '縮小',
    zoomReset: '実際のサイズ',
    fullScreen: 'フルスクリーン',
    window: 'ウインドウ',
    minimize: 'しまう',
    zoom: '拡大/縮小',
    front: 'すべてを手前に移動',
    help: 'ヘルプ',
    docs: 'ドキュメント',
    diagnostics: '診断情報をコピー',
  },
  about: {
    version: (version) => `バージョン ${version}`,
    what: 'PUT したファイルが、すべてのミラーにすぐ、丸ごと届きます。',
  },
  closing: {
    staysTitle: 'ウインドウを閉じても Lockstep は動いています',
    stays: (platform) =>
      platform === 'darwin'
        ? 'ファイルの受け取りと転送は続きます。終了はメニューの「Lockstep を終了」から。閉じたときの動作は設定で変えられます。'
        : 'ファイルの受け取りと転送は続きます。トレイのマークから、ウインドウを開くことも終了することもできます。閉じたときの動作は設定で変えられます。',
    askTitle: 'ウインドウなしで Lockstep を続けますか？',
    ask: 'このデスクトップには、動作中であることを示すトレイがありません。続けるとファイルの受け取りと転送はそのまま行われ、もう一度 Lockstep を起動するとウインドウが開きます。',
    quit: '終了',
    stay: 'ウインドウなしで続ける',
    cancel: 'キャンセル',
    remember: '次からも同じにする',
  },
  notice: {
    needTitle: (site = 'Lockstep', peer) =>
      peer === undefined ? `${site}：判断が必要です` : `${site}（${peer}）：判断が必要です`,
    needsTitle: (count) => `${count} 件が判断を待っています`,
    needs: '「まとめて公開」の「待機中」に一覧があります。',
    releaseTitle: (name) => `${name} がすべてのミラーに届きました`,
    release: (mirrors, millis) => `ミラー ${mirrors} 台 · ${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} 秒`,
  },
};

function ofPeers({ role, peers, inStep, away, peer }: EngineSummary, state: 'away' | 'working' | 'in-step'): string {
  if (role === 'mirror') {
    const master = peer ?? 'マスター';
    if (state === 'in-step') return `${master} と同期済みです。`;
    return state === 'away' ? `${master} に接続していません。` : `${master} に追いついているところです。`;
  }
  if (peers === 0) return 'ミラーはまだありません。';
  if (state === 'in-step') return peers === 1 ? 'ミラーは同期済みです。' : `${peers} 台のミラーはすべて同期済みです。`;
  if (state === 'away')
    return away === 1
      ? `${peer ?? 'ミラー'} に接続していません。`
      : `${peers} 台中 ${away} 台のミラーに接続していません。`;
  return peers === 1
    ? `${peer ?? 'ミラー'} が追いついているところです。`
    : `${peers} 台中 ${inStep} 台のミラーが同期済みです。`;
}
