import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { sameInstall } from '../values.ts';

export const pauseAll = command({
  words: 'pause',
  summary: 'pause everything: on a master all mirrors, on a mirror all sites that it follows',
  options: jsonOption,
  notes: ['It stays paused until lockstep resume, even after a restart. A master still accepts uploads.'],
  async run({ values }, io) {
    const paused = await ask(io, values, 'node.pause', {});
    return answer(
      io,
      values,
      paused,
      () => `Everything is paused. To resume: lockstep resume${sameInstall(values.data)}`,
    );
  },
});

export const resumeAll = command({
  words: 'resume',
  summary: 'resume after lockstep pause',
  options: jsonOption,
  notes: ['What was paused separately (peer pause, follow pause) stays paused.'],
  async run({ values }, io) {
    const resumed = await ask(io, values, 'node.resume', {});
    return answer(io, values, resumed, () => 'Resumed.');
  },
});
