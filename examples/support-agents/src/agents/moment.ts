import { setTimeout as wait } from 'node:timers/promises';

/** What a real agent waits for: a search, a ledger, a model of its own. Long enough to watch. */
export const moment = (signal?: AbortSignal): Promise<void> => wait(90, undefined, { signal });
