import type { Messages } from './en.ts';

export const routes: Messages['routes'] = {
  loses: (mirrors, n) =>
    mirrors === 1
      ? `このルートでは、ミラー 1 台が ${n} ファイルを受け取らなくなります。`
      : `このルートでは、ミラー ${mirrors} 台が最大 ${n} ファイルを受け取らなくなります。`,
  gains: '受け取るものが増えます:',
  forInstance: (paths) => `例: ${paths}`,
  nobody: (n) =>
    `${n} ファイルがどのミラーにも届かなくなります。最後に「** → すべてのミラー」を置くと、これまでどおり届きます。`,
  keep: '「** → すべてのミラー」を追加',
  noEffect: 'このルートでも、各ミラーのファイルは変わりません。',
  drag: (glob) => `${glob} をドラッグして移動します。キーボードでは、入力欄で Alt と上下の矢印キーを使います。`,
};
