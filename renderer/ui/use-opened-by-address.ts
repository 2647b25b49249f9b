import { useEffect, useEffectEvent } from 'react';
import { addressOf, useLocation } from '../stores/location.ts';

/** The palette asks for a form by `#/PLACE/new`: it is opened, and the address is that of the place again. */
export function useOpenedByAddress(place: readonly string[], open: () => void): void {
  const at = useLocation();
  const isAsked = at.join('/') === [...place, 'new'].join('/');
  const opened = useEffectEvent(() => {
    location.replace(addressOf(...place));
    open();
  });
  useEffect(() => {
    if (isAsked) opened();
  }, [isAsked]);
}
