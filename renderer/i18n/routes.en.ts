/** The English texts of what other routes would mean, and of putting them in order. */
export const routes = {
  loses: (mirrors: number, n: string) =>
    mirrors === 1
      ? `With these routes 1 mirror would no longer get ${n} files.`
      : `With these routes ${mirrors} mirrors would no longer get up to ${n} files.`,
  gains: 'These would get more:',
  forInstance: (paths: string) => `for instance ${paths}`,
  nobody: (n: string, value: number) =>
    `${n} ${value === 1 ? 'file' : 'files'} would go to no mirror at all. A last route ** to every mirror keeps them.`,
  keep: 'Add ** → every mirror',
  noEffect: 'With these routes every mirror already has the right files.',
  drag: (glob: string) => `Drag to move ${glob}. With the keyboard: Alt with the up and down arrows in its field.`,
} as const;
