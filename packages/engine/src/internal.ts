/**
 * `@orra-ts/engine/internal`: the parts from which the simulation assembles an engine without network and disk. Not for
 * applications; it may change in any release.
 */
export { SqliteCatalog } from './catalog/sqlite-catalog';
export { EngineCore, type EngineCoreOptions } from './core/engine-core';
export { Heartbeat } from './gateway/heartbeat';
export { ServiceSession } from './gateway/service-session';
export type { SessionStream, SessionWebSocket } from './gateway/session-socket';
export { SqliteJournal } from './journal/sqlite-journal';
export { DEFAULT_TIMINGS, type EngineTimings } from './options';
export { openDatabase } from './storage/open-database';
export type { SqlDatabase } from './storage/sql-driver';
