/** The English texts of the map. */
export const map = {
  title: 'Map',
  label: 'The machine that changes come from and those that they go to, with how each stands. The table says the same.',
  all: (n: string) => `${n} mirrors`,
  many: (n: string) => `${n} others`,
  perSecond: (bytes: string) => `${bytes}/s`,
  roundTrip: (time: string) => `The link takes ${time} there and back.`,
  zoomIn: 'Larger',
  zoomOut: 'Smaller',
  fit: 'All',
} as const;
