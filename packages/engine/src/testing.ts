/** `@orra-ts/engine/testing`: the contract that every journal must pass, and the types to write one. */
export type { OrchestrationEvent } from './domain/orchestration/events';
export type {
  Append,
  AppendOutcome,
  CommittedPart,
  FailureFilter,
  FoundKey,
  HistoryPart,
  Journal,
  ListedOrchestration,
  OrchestrationSummary,
  StoredFailure,
  StoredKey,
  StoredOrchestration,
} from './journal/journal';
export type { TestFunctions } from './testing/journal-suite';
export { journalSuite } from './testing/journal-suite';
export type { JournalStore } from './testing/journal-under-test';
