/**
 * Compares the shape of a response with a recorded one: the same members with the same JSON types, strings of the same
 * format, and equal values of members such as a status. Our response may have more members.
 */
import type { Json } from './recording';

/** Members that are compared by value; all others are compared by type and format. */
const COMPARED_BY_VALUE = new Set([
  ...['kind', 'code', 'param'],
  ...['status', 'resolutionState', 'active', 'isRevertible', 'serviceName', 'action'],
  ...['timeout', 'healthCheckGracePeriod', 'attemptsMade', 'maxAttempts', 'max_attempts'],
]);

const FORMS: readonly (readonly [form: string, of: RegExp])[] = [
  ['a time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/],
  ['a key', /^sk-orra-v1-[0-9a-f]{64}$/],
  ['a service id', /^s_[a-z]{28}$/],
  ...['p', 'o', 'c'].map((kind) => [`an id ${kind}_…`, new RegExp(`^${kind}_[2-9A-HJ-NP-Za-km-z]{22}$`)] as const),
  ...['evt_task1', 'evt_task2', 'interim_task2', 'task_fail_task1', 'task_fail_task2'].map(
    (kind) => [`an id ${kind}_…`, new RegExp(`^${kind}_[2-9A-HJ-NP-Za-km-z]{20,24}$`)] as const,
  ),
  ...['comp_attempt_task1', 'comp_fail_task1'].map(
    (kind) => [`an id ${kind}_…`, new RegExp(`^${kind}_\\d+$`)] as const,
  ),
];

/** Task ids, and ids derived only from them, are the same in every run. */
const CONSTANT = /^(?:task\d+|comp_[a-z_]+_task\d+)$/;

/** Returns the differences with their paths. */
export function shapeDifferences(recorded: Json, ours: Json, path = ''): string[] {
  const differs = (): string[] => [`${path || '/'}: recorded ${show(recorded)}, got ${show(ours)}`];
  if (typeOf(recorded) !== typeOf(ours)) return differs();
  const member = path.slice(path.lastIndexOf('/') + 1);
  if (Array.isArray(recorded)) return listDifferences(recorded, ours as Json[], path);
  if (typeOf(recorded) === 'object') {
    return Object.entries(recorded as object).flatMap(([name, value]) =>
      Object.hasOwn(ours as object, name)
        ? shapeDifferences(value, ours[name], `${path}/${name}`)
        : [`${path}/${name}: missing, recorded ${show(value)}`],
    );
  }
  if (COMPARED_BY_VALUE.has(member)) return recorded === ours ? [] : differs();
  return typeof recorded === 'string' && !isSameForm(recorded, ours as string) ? differs() : [];
}

/**
 * Compares lists of equal length item by item, in any order, since items that end at the same moment may be swapped. If
 * the lengths differ, as with lists of attempts, each item must have an item of the same shape in the other list.
 */
function listDifferences(recorded: readonly Json[], ours: readonly Json[], path: string): string[] {
  const fits = (theirs: Json, own: Json): boolean => shapeDifferences(theirs, own, path).length === 0;
  if (recorded.length === ours.length) {
    const free = [...ours];
    return recorded.flatMap((item, index) => {
      const partner = free.findIndex((own) => fits(item, own));
      if (partner === -1) return shapeDifferences(item, ours[index], `${path}/${index}`);
      free.splice(partner, 1);
      return [];
    });
  }
  return [
    ...recorded.flatMap((item, i) =>
      ours.some((own) => fits(item, own)) ? [] : [`${path}/${i}: no item of ours has this shape`],
    ),
    ...ours.flatMap((own, i) =>
      recorded.some((item) => fits(item, own)) ? [] : [`${path}/${i}: no recorded item has this shape`],
    ),
  ];
}

function isSameForm(recorded: string, ours: string): boolean {
  if (CONSTANT.test(recorded)) return recorded === ours;
  const form = FORMS.find(([, pattern]) => pattern.test(recorded));
  return form === undefined || form[1].test(ours);
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);
const show = (value: unknown): string => (JSON.stringify(value) as string | undefined)?.slice(0, 200) ?? 'nothing';
