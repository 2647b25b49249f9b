import type { Messages } from './en.ts';

export const together: Messages['together'] = {
  tabs: { waiting: '待機中', groups: 'グループ', links: 'リンク', releases: 'リリース' },
  tabsLabel: 'まとめて公開するもの',
};
