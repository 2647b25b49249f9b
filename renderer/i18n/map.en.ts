/** The English texts of the map. */
export const map = {
  title: 'Map',
  label: 'The machine that changes come from, those they go to, and the state of each. The table says the same.',
  all: (n: string) => `${n} mirrors`,
  many: (n: string) => `${n} others`,
  perSecond: (bytes: string) => `${bytes}/s`,
  roundTrip: (time: string) => `Round trip over the link: ${time}.`,
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Fit',
} as const;
