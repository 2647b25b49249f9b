import { create } from 'zustand';

/** The pairing code of a link that a person has opened: it is filled in, once, and used by nobody but them. */
export const useOfferedCode = create<{ readonly code: string | undefined }>(() => ({ code: undefined }));

export function offerCode(code: string): void {
  useOfferedCode.setState({ code });
}

export function takeOfferedCode(): void {
  useOfferedCode.setState({ code: undefined });
}
