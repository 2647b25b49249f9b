import type { ReactElement } from 'react';
import { useText } from '../../../i18n/use-text.ts';
import type { Role } from '../draft.ts';

const roles: readonly Role[] = ['master', 'mirror'];

/** The first decision, from which the others follow. */
export function RoleStep({ onChoose }: { onChoose: (role: Role) => void }): ReactElement {
  const { t } = useText();
  const { firstStart: texts } = t;
  return (
    <div className="step roles-step">
      <div className="step-head">
        <h1>{texts.title}</h1>
        <p className="dim">{texts.titleExplain}</p>
      </div>
      <div className="roles">
        {roles.map((role) => (
          <button key={role} type="button" className="role" onClick={() => onChoose(role)}>
            <RolePicture role={role} />
            <strong>{t.role[role]}</strong>
            <span>{texts.roles[role].is}</span>
            <span className="dim">{texts.roles[role].needs}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

/** One gives to three; one takes from one. */
function RolePicture({ role }: { role: Role }): ReactElement {
  const others = role === 'master' ? [14, 36, 58] : [36];
  return (
    <svg className="role-picture" width="120" height="72" viewBox="0 0 120 72" aria-hidden="true">
      {others.map((y) => (
        <g key={y}>
          <path className="way" d={`M34 36 C62 36 66 ${y} 92 ${y}`} />
          <circle className={role === 'mirror' ? 'this' : 'other'} cx="96" cy={y} r={role === 'mirror' ? 12 : 7} />
        </g>
      ))}
      <circle className={role === 'master' ? 'this' : 'other'} cx="28" cy="36" r={role === 'master' ? 12 : 7} />
    </svg>
  );
}
