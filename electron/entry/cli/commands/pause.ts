import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { sameInstall } from '../values.ts';

export const pauseAll = command({
  words: 'pause',
  summary: 'pause everything: at a master all mirrors, at a mirror all that it follows',
  options: jsonOption,
  notes: ['It stays paused, also over a restart, until lockstep resume. Uploads to a master go on.'],
  async run({ values }, io) {
    const paused = await ask(io, values, 'node.pause', {});
    return answer(
      io,
      values,
      paused,
      () => `Everything is paused. Go on with: lockstep resume${sameInstall(values.data)}`,
    );
  },
});

export const resumeAll = command({
  words: 'resume',
  summary: 'go on after lockstep pause',
  options: jsonOption,
  notes: ['What was paused by itself (peer pause, follow pause) stays so.'],
  async run({ values }, io) {
    const resumed = await ask(io, values, 'node.resume', {});
    return answer(io, values, resumed, () => 'It goes on.');
  },
});
