/** Helpers that need Node's file system. `@orra-ts/common` itself also loads in browsers. */
export { writeFileAtomic, writeFileAtomicSync } from './atomic-write';
export type { AtomicWriteOptions } from './atomic-write';
export { acquireFileLock } from './file-lock';
export type { FileLock } from './file-lock';
export { readLockHolder } from './lock-holder';
export type { LockHolder } from './lock-holder';
export { currentThread, isRunning } from './process-identity';
export type { ProcessIdentity } from './process-identity';
