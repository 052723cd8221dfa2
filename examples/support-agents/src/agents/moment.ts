import { setTimeout as wait } from 'node:timers/promises';

/** Simulates the latency of a search, a ledger or a model. Long enough to watch the progress. */
export const moment = (signal?: AbortSignal): Promise<void> => wait(90, undefined, { signal });
