import type { Finding } from '../../../../shared/contract/doctor.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { readConfig } from '../../../engine/config-file.ts';
import { configFinding, examine } from '../../../engine/doctor.ts';
import { command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { plain } from '../text.ts';
import { dataFolder } from '../values.ts';

export const doctor = command({
  words: 'doctor',
  summary: 'look at ports, certificate, disk, clock and peers, and say what to do',
  options: {
    peer: {
      type: 'string',
      value: 'PEER',
      help: 'only the link to this peer: address, certificate, clock, version, FTP',
    },
    ...jsonOption,
  },
  notes: ['Exit 1 where something is a problem.'],
  async run({ values }, io) {
    const findings = await examineFolder(dataFolder(values.data, io), values.peer, io.now());
    if (values.json) io.out(JSON.stringify({ findings }));
    else for (const line of findings.flatMap(findingLines)) io.out(line);
    return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.done;
  },
});

async function examineFolder(dataDir: string, peer: string | undefined, now: number): Promise<Finding[]> {
  try {
    const config = await readConfig(dataDir);
    try {
      const params = peer === undefined ? {} : { peer };
      return (await withEngine(dataDir, (engine) => engine.call('node.doctor', params))).findings;
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'peer.unknown') throw error;
      return await examine({ dataDir, config, now, stateError: error, probe: () => Promise.resolve() });
    }
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('config.')) return [configFinding(error)];
    throw error;
  }
}

const signs = { ok: '●', warning: '◌', problem: '▲' } as const;

function findingLines({ level, subject, sentence, mend }: Finding): string[] {
  const head = `${signs[level]} ${level.padEnd(7)}  ${subject === undefined ? '' : `${subject}: `}${plain(sentence)}`;
  return mend === undefined ? [head] : [head, `           ${plain(mend)}`];
}
