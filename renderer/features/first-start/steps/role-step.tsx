import type { ReactElement } from 'react';
import { useText } from '../../../i18n/use-text.ts';
import type { Choice } from '../draft.ts';

const choices: readonly Choice[] = ['master', 'mirror', 'publisher'];

/** The first decision, from which the others follow. */
export function RoleStep({ onChoose }: { onChoose: (choice: Choice) => void }): ReactElement {
  const { t } = useText();
  const { firstStart: texts } = t;
  return (
    <div className="step roles-step">
      <div className="step-head">
        <h1>{texts.title}</h1>
        <p className="dim">{texts.titleExplain}</p>
      </div>
      <div className="roles">
        {choices.map((choice) => (
          <button key={choice} type="button" className="role" onClick={() => onChoose(choice)}>
            <ChoicePicture choice={choice} />
            <strong>{choice === 'publisher' ? texts.publisher.name : t.role[choice]}</strong>
            <span>{texts.roles[choice].is}</span>
            <span className="dim">{texts.roles[choice].needs}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

/** One gives to three; one takes from one; a folder goes up to a server. */
function ChoicePicture({ choice }: { choice: Choice }): ReactElement {
  if (choice === 'publisher')
    return (
      <svg className="role-picture" width="120" height="72" viewBox="0 0 120 72" aria-hidden="true">
        <path className="way" d="M42 36H76M69 29l7 7-7 7" />
        <path className="this" d="M14 24h11l4 5h17v21H14z" />
        <rect className="other" x="84" y="20" width="24" height="9" rx="2" />
        <rect className="other" x="84" y="32" width="24" height="9" rx="2" />
        <rect className="other" x="84" y="44" width="24" height="9" rx="2" />
      </svg>
    );
  const others = choice === 'master' ? [14, 36, 58] : [36];
  return (
    <svg className="role-picture" width="120" height="72" viewBox="0 0 120 72" aria-hidden="true">
      {others.map((y) => (
        <g key={y}>
          <path className="way" d={`M34 36 C62 36 66 ${y} 92 ${y}`} />
          <circle className={choice === 'mirror' ? 'this' : 'other'} cx="96" cy={y} r={choice === 'mirror' ? 12 : 7} />
        </g>
      ))}
      <circle className={choice === 'master' ? 'this' : 'other'} cx="28" cy="36" r={choice === 'master' ? 12 : 7} />
    </svg>
  );
}
