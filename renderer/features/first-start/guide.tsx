import { type ReactElement, useState } from 'react';
import type { Bridge } from '../../bridge/bridge.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useOfferedCode } from '../../stores/offered-code.ts';
import { refusalOf } from '../../ui/refusal.ts';
import { useTask } from '../../ui/use-task.ts';
import { newPassword } from '../../ui/new-password.ts';
import { type Choice, type Draft, emptyDraft, type Role } from './draft.ts';
import { type SetUp, useGuide } from './guide-store.ts';
import { CodeStep } from './steps/code-step.tsx';
import { PeopleStep } from './steps/people-step.tsx';
import { PublisherStep } from './steps/publisher-step.tsx';
import { RoleStep } from './steps/role-step.tsx';
import { SiteStep } from './steps/site-step.tsx';
import { TargetStep } from './steps/target-step.tsx';
import './first-start.css';

interface Props {
  /** Decided already: this install has no site yet. */
  role?: Role;
  suggestedName: string;
}

/** From nothing to a site that is served: a few decisions, and nothing is written before the last of them. */
export function Guide({ role: fixed, suggestedName }: Props): ReactElement {
  const bridge = useBridge();
  const finish = useGuide((guide) => guide.finish);
  const [role, setRole] = useState<Choice | undefined>(fixed);
  const [at, setAt] = useState<'first' | 'last'>('first');
  const [draft, setDraft] = useState(() => emptyDraft(suggestedName));
  const start = useTask(async (chosen: Role) => {
    const setUp = fixed === undefined ? await initialise(bridge, chosen, draft) : await addTo(bridge, chosen, draft);
    finish(setUp);
  });

  useOfferedCode((code) => {
    if (fixed === 'master') return false;
    setRole('mirror');
    setAt('first');
    setDraft((before) => ({ ...before, code }));
    return true;
  });

  if (role === undefined) return <RoleStep onChoose={setRole} />;
  if (role === 'publisher') return <PublisherStep name={draft.name} onBack={() => setRole(undefined)} />;
  const steps = fixed === undefined ? 3 : 2;
  const shared = { draft, onChange: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })) };
  const first = {
    ...shared,
    place: { at: steps - 1, of: steps },
    onNext: () => setAt('last'),
    onBack: fixed === undefined ? () => setRole(undefined) : undefined,
  };
  const last = {
    ...shared,
    place: { at: steps, of: steps },
    asksName: fixed === undefined,
    busy: start.busy,
    refusal: start.refusal,
    onNext: () => start.run(role),
    onBack: () => setAt('first'),
  };
  if (role === 'master') return at === 'first' ? <SiteStep {...first} /> : <PeopleStep {...last} />;
  return at === 'first' ? <CodeStep {...first} /> : <TargetStep {...last} />;
}

/** Makes this install what it is to be, with its first site, all in one. */
async function initialise(bridge: Bridge, role: Role, draft: Draft): Promise<SetUp> {
  const { name, site, code, takeOver } = draft;
  const root = draft.root.trim();
  if (role === 'mirror') {
    await bridge.call('host.init', { role, name, code: code.trim(), root, takeOver });
    return { role };
  }
  const account = accountOf(draft);
  await bridge.call('host.init', { role, name, site, root, takeOver, ...(account && { account }) });
  return { role, site, ...(account && { account }) };
}

/** The first site of an install that is there already. */
async function addTo(bridge: Bridge, role: Role, draft: Draft): Promise<SetUp> {
  const root = draft.root.trim();
  const { takeOver } = draft;
  if (role === 'mirror') {
    const { site } = await bridge.call('pairing.join', { code: draft.code.trim(), root, takeOver });
    return { role, site };
  }
  const { site } = draft;
  await bridge.call('site.add', { name: site, root, takeOver });
  const account = accountOf(draft);
  if (!account) return { role, site };
  try {
    await bridge.call('account.add', { ...account, site });
    return { role, site, account };
  } catch (error) {
    return { role, site, refusal: refusalOf(error) };
  }
}

function accountOf({ wantsAccount, user }: Draft): { user: string; password: string } | undefined {
  return wantsAccount ? { user, password: newPassword() } : undefined;
}
