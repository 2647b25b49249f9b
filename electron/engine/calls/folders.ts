import { checkFolder } from '../claim/check-folder.ts';
import type { CallContext, HandlersOf } from './context.ts';

export function folderHandlers({ node }: CallContext): HandlersOf<'folder'> {
  return {
    'folder.check': (asked) => {
      const { sites, follows } = node.config;
      const others = [...sites, ...follows].map(({ root }) => root).concat(node.dataDir);
      return checkFolder(asked, others, node.claimant);
    },
  };
}
