import type { Secrets } from '../../electron/engine/ports.ts';
import { AppError } from '../../shared/errors/app-error.ts';

/** Where nothing protects them. */
export const noSecrets: Secrets = {
  protection: 'none',
  seal: () => Promise.reject(new AppError('secret.unprotected')),
  open: () => Promise.reject(new AppError('secret.unreadable')),
};
