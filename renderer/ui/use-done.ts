import { useCallback } from 'react';
import { say } from '../stores/toast-store.ts';
import { refusalOf } from './refusal.ts';

interface Outcome {
  readonly said: string;
  readonly undo?: () => Promise<void>;
}

/** Does something that a person asked for, and says what came of it, with the way back where there is one; or why it was refused. */
export function useDone(): (work: () => Promise<Outcome>) => Promise<void> {
  return useCallback(async (work) => {
    try {
      const { said, undo } = await work();
      say(said, undo);
    } catch (error) {
      say(refusalOf(error));
    }
  }, []);
}
