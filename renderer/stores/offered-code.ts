import { useEffect, useEffectEvent } from 'react';
import { create } from 'zustand';

/** The pairing code of a link that a person has opened: it is filled in, once, and used by nobody but them. */
export const useOffered = create<{ readonly code: string | undefined }>(() => ({ code: undefined }));

export function offerCode(code: string): void {
  useOffered.setState({ code });
}

/** That of a link that was opened right after it is still to be filled in. */
export function codeTaken(code: string): void {
  if (useOffered.getState().code === code) useOffered.setState({ code: undefined });
}

/** Where a code can be filled in, or told that it cannot. `take` says false to leave it to whoever comes next. */
export function useOfferedCode(take: (code: string) => boolean): void {
  const offered = useOffered(({ code }) => code);
  const taken = useEffectEvent((code: string) => {
    if (take(code)) codeTaken(code);
  });
  useEffect(() => {
    if (offered !== undefined) taken(offered);
  }, [offered]);
}
