import { useEffect, useState } from 'react';

/** The time, anew every `millis`, so that what says "12 s ago" keeps saying the truth. */
export function useNow(millis = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), millis);
    return () => clearInterval(timer);
  }, [millis]);
  return now;
}
