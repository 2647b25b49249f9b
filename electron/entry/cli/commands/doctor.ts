import type { Finding } from '../../../../shared/contract/doctor.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { readConfig } from '../../../engine/config-file.ts';
import { configFinding, examine, type Examined } from '../../../engine/doctor.ts';
import { command, EXIT, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { plain } from '../text.ts';
import { dataFolder } from '../values.ts';

export const doctor = command({
  words: 'doctor',
  summary: 'look at ports, certificate, disk, clock and peers, and say what to do',
  options: jsonOption,
  notes: ['Exit 1 where something is a problem.'],
  async run({ values }, io) {
    const findings = await examineFolder(dataFolder(values.data, io), io.now());
    if (values.json) io.out(JSON.stringify({ findings }));
    else for (const line of findings.flatMap(findingLines)) io.out(line);
    return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.done;
  },
});

async function examineFolder(dataDir: string, now: number): Promise<Finding[]> {
  try {
    const config = await readConfig(dataDir);
    return await examine({ dataDir, config, now, ...(await readState(dataDir)), probe });
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('config.')) return [configFinding(error)];
    throw error;
  }
}

async function readState(dataDir: string): Promise<Pick<Examined, 'state' | 'stateError'>> {
  try {
    return await withEngine(dataDir, async (engine) => {
      const status = await engine.call('node.status', {});
      const peers = await engine.call('peer.list', {});
      const [latestChange] = await engine.call('history.list', { limit: 1 });
      return { state: { status, peers, ...(latestChange && { latestChange }) } };
    });
  } catch (error) {
    if (error instanceof AppError) return { stateError: error };
    throw error;
  }
}

async function probe(address: string, fingerprint: string): Promise<void> {
  const { probe: dial } = await import('../../../engine/link/probe.ts');
  await dial(address, fingerprint);
}

const signs = { ok: '●', warning: '◌', problem: '▲' } as const;

function findingLines({ level, subject, sentence, mend }: Finding): string[] {
  const head = `${signs[level]} ${level.padEnd(7)}  ${subject === undefined ? '' : `${subject}: `}${plain(sentence)}`;
  return mend === undefined ? [head] : [head, `           ${plain(mend)}`];
}
