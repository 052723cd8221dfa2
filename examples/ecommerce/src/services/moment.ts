import { setTimeout as wait } from 'node:timers/promises';

/** Simulates the latency of a database, a bank or a warehouse. Long enough to watch the progress. */
export const moment = (signal?: AbortSignal): Promise<void> => wait(110, undefined, { signal });
