/**
 * Whether a filter of a call would see an error. Nest's handler of exceptions logs each error that no filter catches; the
 * SDK logs the failure of the attempt, so that such an error does not reach Nest.
 */
import type { ApplicationConfig } from '@nestjs/core';
import { ENHANCER_KEYS } from '../nest/metadata';

/** Metadata of `@Catch()`: the classes of errors that a filter sees; without any, it sees all. */
const CATCHES = '__filterCatchExceptions__';

type ErrorClass = abstract new (...args: never[]) => unknown;

/**
 * @param targets the classes and methods whose own filters run
 * @returns whether a filter of these targets or of the whole application catches the error
 */
export function isFiltered(thrown: unknown, targets: readonly object[], config: ApplicationConfig): boolean {
  const filters: unknown[] = [
    ...config.getGlobalFilters(),
    ...config.getGlobalRequestFilters().map(({ metatype }) => metatype),
    ...targets.flatMap((target) => (Reflect.getMetadata(ENHANCER_KEYS.filter, target) as unknown[] | undefined) ?? []),
  ];
  return filters.some((filter) => {
    const classes = caughtBy(filter);
    return classes.length === 0 || classes.some((one) => thrown instanceof one);
  });
}

function caughtBy(filter: unknown): readonly ErrorClass[] {
  const cls = typeof filter === 'function' ? filter : (filter as object).constructor;
  return (Reflect.getMetadata(CATCHES, cls) as readonly ErrorClass[] | undefined) ?? [];
}
