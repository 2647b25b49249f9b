/** The English texts of what belongs together. */
export const together = {
  tabs: { waiting: 'Waiting', groups: 'Groups', links: 'Links', releases: 'Releases' },
  tabsLabel: 'What belongs together',
} as const;
