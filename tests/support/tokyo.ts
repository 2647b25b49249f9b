/** A mirror as its master knows it, which shows no certificate and is not dialled. */
export const TOKYO = {
  id: 'b'.repeat(64),
  name: 'tokyo',
  role: 'mirror',
  certificate: '',
  address: null,
  dial: 'them',
} as const;
