/** Of this Lockstep, as in package.json (a test holds the two together): what peers and people are told. */
export const VERSION = '0.1.0';
