/**
 * Who publishes this build: placeholders, to be replaced before the first release (CONTRIBUTING, Releasing). `package.json` has the
 * home page and the author once more, for those who read only that; a test holds them together. `appId` never changes again once
 * something was released: systems know the app, its data and its permissions by it.
 */
export const publisher = {
  name: 'The Lockstep founders',
  email: 'founders@lockstep.example',
  homepage: 'https://lockstep.example/',
  appId: 'example.lockstep.desktop',
} as const;

export const maintainer = `${publisher.name} <${publisher.email}>`;
