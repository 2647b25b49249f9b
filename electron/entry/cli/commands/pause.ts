import { command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { dataFolder, sameInstall } from '../values.ts';

export const pauseAll = command({
  words: 'pause',
  summary: 'pause everything: at a master all mirrors, at a mirror all that it follows',
  options: jsonOption,
  notes: ['It stays paused, also over a restart, until lockstep resume. Uploads to a master go on.'],
  async run({ values }, io) {
    const paused = await withEngine(dataFolder(values.data, io), (engine) => engine.call('node.pause', {}));
    io.out(
      values.json
        ? JSON.stringify(paused)
        : `Everything is paused. Go on with: lockstep resume${sameInstall(values.data)}`,
    );
    return EXIT.done;
  },
});

export const resumeAll = command({
  words: 'resume',
  summary: 'go on after lockstep pause',
  options: jsonOption,
  notes: ['What was paused by itself (peer pause, follow pause) stays so.'],
  async run({ values }, io) {
    const resumed = await withEngine(dataFolder(values.data, io), (engine) => engine.call('node.resume', {}));
    io.out(values.json ? JSON.stringify(resumed) : 'It goes on.');
    return EXIT.done;
  },
});
