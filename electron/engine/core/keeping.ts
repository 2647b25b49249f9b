/** In milliseconds: what the config says to keep for days is counted by it. */
export const DAY_MILLIS = 86_400_000;

/** In milliseconds: so often what is older than the config keeps is dropped; at each start as well. */
export const SWEEP_MILLIS = 3_600_000;
