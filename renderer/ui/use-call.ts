import { useCallback, useEffect, useState } from 'react';
import type { CallName, CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useEngine } from '../stores/engine-store.ts';
import { type Asker, createAsker, PAUSE_MILLIS } from './asker.ts';
import { refusalOf } from './refusal.ts';

/** What the engine said. After a failure what it said before stands beside the reason, as far as there is any. */
export type Answer<T> =
  | { readonly is: 'asking'; readonly value: undefined }
  | { readonly is: 'answer'; readonly value: T }
  | { readonly is: 'failed'; readonly error: ErrorJson; readonly value: T | undefined };

/**
 * Asks the engine, and again whenever its state has changed, so that the answer stays true. Other parameters are another
 * question: its answer begins with `asking`. `again` asks at once. `pause`: milliseconds between an answer and the next time of
 * asking, longer where an answer costs the engine much.
 */
export function useCall<N extends CallName>(
  name: N,
  params: CallParams<N>,
  pause = PAUSE_MILLIS,
): { answer: Answer<CallResult<N>>; again: () => void } {
  const bridge = useBridge();
  const revision = useEngine((engine) => engine.revision);
  const question = `${name} ${JSON.stringify(params)}`;
  const [told, setTold] = useState<{ question: string; answer: Answer<CallResult<N>> }>();
  const [asker, setAsker] = useState<Asker>();

  useEffect(() => {
    const made = createAsker(async (isWanted) => {
      const answer = await bridge.call(name, params).then(
        (value): Answer<CallResult<N>> => ({ is: 'answer', value }),
        (error: unknown): Answer<CallResult<N>> => ({ is: 'failed', error: refusalOf(error), value: undefined }),
      );
      if (!isWanted()) return;
      setTold((before) =>
        answer.is === 'failed' && before?.question === question
          ? { question, answer: { ...answer, value: before.answer.value } }
          : { question, answer },
      );
    }, pause);
    setAsker(made);
    return () => made.stop();
  }, [bridge, name, question, pause]); // oxlint-disable-line react/exhaustive-deps -- `question` says what is in `params`, which is a new object each time
  // oxlint-disable-next-line react/exhaustive-deps -- a new revision is the reason to ask again
  useEffect(() => asker?.ask(), [asker, revision]);

  return {
    answer: told?.question === question ? told.answer : { is: 'asking', value: undefined },
    again: useCallback(() => asker?.askNow(), [asker]),
  };
}
