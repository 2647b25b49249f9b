import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { ErrorText } from './error-text.tsx';

/** Why what was asked for could not be done; nothing where it could. */
export function Refused({
  error,
  className,
}: {
  error: ErrorJson | undefined;
  className?: string;
}): ReactElement | null {
  if (error === undefined) return null;
  return (
    <p className={className} role="alert">
      <ErrorText error={error} />
    </p>
  );
}
