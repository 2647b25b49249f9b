import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useText } from '../i18n/use-text.ts';
import { Check } from './inputs.tsx';

/** Where a folder is refused as another install's: a person may know that it is not any more. */
export function TakeOver({
  refusal,
  checked,
  onChange,
}: {
  refusal: ErrorJson | undefined;
  checked: boolean;
  onChange: (takeOver: boolean) => void;
}): ReactElement | null {
  const { t } = useText();
  if (!checked && refusal?.code !== 'site.root-taken') return null;
  return <Check label={t.firstStart.takeOver} checked={checked} onChange={onChange} />;
}
