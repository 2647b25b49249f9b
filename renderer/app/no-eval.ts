import { config } from 'zod';

// The page's policy refuses code that is made while running. Before any schema is made: it would be tried with each.
config({ jitless: true });
