/** Helpers that need Node's file system. `@orra-ts/common` itself also loads in browsers. */
export { writeFileAtomic, writeFileAtomicSync } from './atomic-write';
export type { AtomicWriteOptions } from './atomic-write';
export { ownLockContent, readLockHolder } from './lock-holder';
export type { LockHolder } from './lock-holder';
