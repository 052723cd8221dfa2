import { setTimeout as wait } from 'node:timers/promises';

/** What a real service waits for: a database, a bank, a warehouse. Long enough to watch. */
export const moment = (signal?: AbortSignal): Promise<void> => wait(110, undefined, { signal });
