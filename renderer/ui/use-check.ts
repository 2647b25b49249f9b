import { useEffect, useState } from 'react';
import type { CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { refusalOf } from './refusal.ts';

type Checkable = 'folder.check' | 'pairing.check';

export type Check<T> =
  | { readonly is: 'nothing' }
  | { readonly is: 'asking' }
  | { readonly is: 'found'; readonly value: T }
  | { readonly is: 'refused'; readonly error: ErrorJson };

/** After the last key. */
const PAUSE_MILLIS = 250;

/**
 * Looks at what a person has typed, a moment after they typed it, and again with `again`. `params` undefined: there is nothing to
 * look at yet.
 */
export function useCheck<N extends Checkable>(
  name: N,
  params: CallParams<N> | undefined,
): { check: Check<CallResult<N>>; again: () => void } {
  const bridge = useBridge();
  const question = params === undefined ? undefined : JSON.stringify(params);
  const [told, setTold] = useState<{ question: string; check: Check<CallResult<N>> }>();
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (question === undefined || params === undefined) return;
    let ended = false;
    const ask = async (): Promise<void> => {
      const check = await bridge.call(name, params).then(
        (value): Check<CallResult<N>> => ({ is: 'found', value }),
        (error: unknown): Check<CallResult<N>> => ({ is: 'refused', error: refusalOf(error) }),
      );
      if (!ended) setTold({ question, check });
    };
    const timer = setTimeout(() => void ask(), PAUSE_MILLIS);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [bridge, name, question, round]); // oxlint-disable-line react/exhaustive-deps -- `question` says what is in `params`, which is a new object each time

  const again = (): void => {
    setTold(undefined);
    setRound((before) => before + 1);
  };
  if (question === undefined) return { check: { is: 'nothing' }, again };
  return { check: told?.question === question ? told.check : { is: 'asking' }, again };
}
