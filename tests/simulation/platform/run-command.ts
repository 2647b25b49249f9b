import { AppError } from '../../../shared/errors/app-error.ts';
import { simulation } from '../current.ts';

/** In the place of the start of a program: it takes a while, and ends well or not. What it has read by then it knows. */
export async function runCommand(command: readonly string[], input: string, signal: AbortSignal): Promise<void> {
  const { scheduler, program } = simulation();
  const pass = (millis: number): Promise<void> =>
    new Promise((resolve) => void scheduler.after(millis, 'a program', resolve));
  const [starting, working] = [scheduler.random.between(1, 20), scheduler.random.between(0, 50)];
  await pass(starting);
  const isTaken = !signal.aborted && program?.(scheduler.process, input) === true;
  await pass(working);
  if (isTaken && !signal.aborted) return;
  throw new AppError('hook.command', {
    command: command[0] ?? '',
    reason: signal.aborted ? 'it took too long' : 'it ended with 1',
  });
}
