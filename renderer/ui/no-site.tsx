import type { ReactElement } from 'react';
import { addressOf } from '../stores/location.ts';
import { useText } from '../i18n/use-text.ts';

/** The page of a site where there is none yet: what it would be, and the way to the first one. */
export function NoSite({ title }: { title: string }): ReactElement {
  return (
    <div className="page">
      <h1 className="headline">{title}</h1>
      <WayToFirstSite />
    </div>
  );
}

export function WayToFirstSite(): ReactElement {
  const { t } = useText();
  return (
    <p>
      {t.headline.noSiteHere} <a href={addressOf('overview')}>{t.headline.begin}</a>
    </p>
  );
}
