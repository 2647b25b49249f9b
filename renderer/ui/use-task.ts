import { useState } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { refusalOf } from './refusal.ts';

/** One thing that a person asked for: whether it is under way, and why it was refused. */
export function useTask<A extends readonly unknown[]>(
  work: (...args: A) => Promise<void>,
): { run: (...args: A) => void; busy: boolean; refusal: ErrorJson | undefined } {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ErrorJson>();
  const run = async (...args: A): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await work(...args);
    } catch (error) {
      setRefusal(refusalOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { run: (...args) => void run(...args), busy, refusal };
}
