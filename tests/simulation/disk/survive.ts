import { type FileInode, flushTimes, type FolderInode, type Inode } from './inode.ts';
import type { Random } from './random.ts';

/**
 * The tree that is found when the power is back: what is reached from the root by durable names. Contents are what of their
 * sectors was written; times and modes that were not flushed are kept or lost.
 */
export function surviving(root: FolderInode, random: Random): { root: FolderInode; used: number } {
  const seen = new Map<Inode, Inode>();
  let used = 0;
  const visit = (inode: Inode): Inode => {
    const known = seen.get(inode);
    if (known) {
      if (known.kind !== 'folder') known.links += 1;
      return known;
    }
    const kept = survivor(inode, random);
    seen.set(inode, kept);
    if (kept.kind === 'file') used += kept.content.size;
    if (inode.kind !== 'folder' || kept.kind !== 'folder') return kept;
    for (const [key, { name, inode: below }] of inode.durableEntries) {
      const entry = { name, inode: visit(below) };
      kept.entries.set(key, entry);
      kept.durableEntries.set(key, entry);
    }
    return kept;
  };
  const kept = visit(root);
  if (kept.kind !== 'folder') throw new TypeError('the root is a folder');
  return { root: kept, used };
}

/** A new object: descriptors of the machine that stopped hold the old one. */
function survivor(inode: Inode, random: Random): Inode {
  const { mode, times } = random() < 0.5 ? inode : inode.durable;
  const kept: Inode =
    inode.kind === 'folder'
      ? { ...inode, mode, times, entries: new Map(), durableEntries: new Map() }
      : inode.kind === 'file'
        ? survivingFile({ ...inode, mode, times, links: 1, opened: 0 }, random)
        : { ...inode, mode, times, links: 1 };
  delete kept.lost;
  flushTimes(kept);
  return kept;
}

function survivingFile(inode: FileInode, random: Random): FileInode {
  inode.content.survive(random);
  return inode;
}
