/**
 * Whether an answer has the shape of a recorded one: the same members with the same JSON types, texts of the same form, and
 * the same values where a value is what the answer is about, such as a status. Ours may have more members.
 */
import type { Json } from './recording';

/** Compared by value; all other members by type and form. */
const SAID = new Set([
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

/** Task ids and what is made of them alone are the same in every run. */
const CONSTANT = /^(?:task\d+|comp_[a-z_]+_task\d+)$/;

/** What differs, each with its path. */
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
  if (SAID.has(member)) return recorded === ours ? [] : differs();
  return typeof recorded === 'string' && !isSameForm(recorded, ours as string) ? differs() : [];
}

/**
 * Items are compared each with its partner; which of several that ended at the same moment comes first says nothing. Where
 * the lists are not equally long, such as those of attempts, every item has one of its kind on the other side.
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
    ...recorded.flatMap((item, i) => (ours.some((own) => fits(item, own)) ? [] : [`${path}/${i}: none of ours is it`])),
    ...ours.flatMap((own, i) =>
      recorded.some((item) => fits(item, own)) ? [] : [`${path}/${i}: none recorded is it`],
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
