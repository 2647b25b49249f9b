import type { Messages } from './en.ts';

export const map: Messages['map'] = {
  title: '構成図',
  label: '変更の発信元と届け先、およびそれぞれの状態。表と同じ内容です。',
  all: (n) => `${n} 台のミラー`,
  many: (n) => `ほか ${n} 台`,
  perSecond: (bytes) => `${bytes}/秒`,
  roundTrip: (time) => `リンクの往復に ${time}かかります。`,
  zoomIn: '拡大',
  zoomOut: '縮小',
  fit: '全体',
};
