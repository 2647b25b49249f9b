/**
 * The name by which an install's own certificate is asked for (SNI) where the FTP server shows another one to the public: mirrors
 * and the app pin the identity, and do not care what the public is shown, or when that is renewed. RFC 6761 §6.4: nobody has such a name.
 */
export const IDENTITY_SERVER_NAME = 'identity.lockstep.invalid';
