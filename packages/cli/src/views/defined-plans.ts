/** `orra plans ls` and `show`: a table of defined plans, and one plan as a tree of tasks. */
import { type DefinedPlanDetails, type DefinedPlanView, type PlanProblemView, TASK_ZERO } from '@orra-ts/protocol';
import { box, fields } from '../output/box';
import type { Label } from '../output/icons';
import type { Style } from '../output/output';
import type { Column } from '../output/table';
import { displayWidth, escapeControlCharacters, padTo } from '../output/terminal-string';
import { formatAge } from '../output/time';
import { tableBox } from './table-box';

type PlannedTask = DefinedPlanView['plan']['tasks'][number];

const VERSIONS_SHOWN = 10;

export function planListView(plans: readonly DefinedPlanView[], style: Style): string[] {
  if (plans.length === 0) return ['No plans are registered'];
  const { wide, nowMs } = style;
  const columns: Column<DefinedPlanView>[] = [
    { header: 'NAME', read: ({ name }) => name },
    { header: 'ACTION', read: ({ action }) => action, flexible: true },
    { header: 'TASKS', read: (plan) => String(tasksOf(plan).length) },
    { header: 'VERSION', read: ({ version }) => String(version) },
    { header: 'CREATED', read: ({ createdAt }) => formatAge(createdAt, nowMs) },
  ];
  if (wide) {
    const read = (plan: DefinedPlanView): string =>
      tasksOf(plan)
        .map(({ service }) => service ?? '?')
        .join(', ');
    columns.push({ header: 'SERVICES', read, flexible: true });
  }
  columns.push({ header: 'STATUS', read: (plan) => statusLabel(plan, style) });
  const below = plans.flatMap((plan) => {
    const reasons = reasonLines(plan);
    return reasons.length === 0 ? [] : ['', `${escapeControlCharacters(plan.name)}:`, ...reasons];
  });
  return tableBox('Plans', columns, plans, style, below);
}

export function planView(plan: DefinedPlanDetails, style: Style): string[] {
  const { name, action, description, version, createdAt, retiredAt, versions } = plan;
  const { nowMs } = style;
  const status = statusLabel(plan, style);
  const mark = retiredAt ? ' [REMOVED]' : plan.stale ? ' [STALE]' : '';
  const head = fields([
    ['Action', escapeControlCharacters(action)],
    ['Description', description === undefined ? undefined : escapeControlCharacters(description)],
    ['Reverts', plan.plan.compensation === 'parallel' ? 'in parallel' : undefined],
    ['Version', `${version}, ${formatAge(createdAt, nowMs)}`],
    ['Status', status.colour(status.text)],
  ]);
  const shown = versions.slice(0, VERSIONS_SHOWN).map((one) => {
    const removed = one.retiredAt === undefined ? '' : `, removed ${formatAge(one.retiredAt, nowMs)}`;
    return `${one.version}  ${formatAge(one.createdAt, nowMs)}${removed}`;
  });
  const more = versions.length > VERSIONS_SHOWN ? ['older versions: -o json'] : [];
  const reasons = reasonLines(plan);
  return [
    ...box(`Plan ${escapeControlCharacters(name)}${mark}`, head),
    '',
    ...box('Tasks', taskTree(tasksOf(plan), style)),
    ...(reasons.length === 0 ? [] : ['', ...box(plan.stale ? 'Changed Services' : 'Problems', reasons)]),
    '',
    ...box('Versions', [...shown, ...more]),
  ];
}

const tasksOf = ({ plan }: DefinedPlanView): PlannedTask[] =>
  plan.tasks.filter(({ id }) => id.toLowerCase() !== TASK_ZERO);

/** Each task with the sources of its inputs. */
function taskTree(tasks: readonly PlannedTask[], { colours }: Style): string[] {
  return tasks.flatMap(({ id, service = '?', input }) => {
    const entries = Object.entries(input).map(
      ([name, value]) => [escapeControlCharacters(name), escapeControlCharacters(inputValue(value))] as const,
    );
    const widest = Math.max(0, ...entries.map(([name]) => displayWidth(name)));
    const branches = entries.map(([name, value], i) => {
      const branch = i === entries.length - 1 ? '└─' : '├─';
      return `${colours.dim(branch)} ${padTo(name, widest)}  ${value}`;
    });
    return [`${escapeControlCharacters(id)}  ${colours.bold(escapeControlCharacters(service))}`, ...branches];
  });
}

/** Formats references unchanged, and other values as JSON. */
const inputValue = (value: unknown): string =>
  typeof value === 'string' && value.startsWith('$') ? value : JSON.stringify(value);

function statusLabel({ stale, problems, retiredAt }: DefinedPlanView, { colours }: Style): Label {
  if (retiredAt !== undefined) return { text: '⊖ Removed', colour: colours.dim };
  if (stale) return { text: '✕ Stale', colour: colours.red };
  return problems ? { text: '⏸ Cannot run', colour: colours.yellow } : { text: '● Ready', colour: colours.green };
}

function reasonLines({ stale, problems }: DefinedPlanView): string[] {
  const reasons = stale ?? problems ?? [];
  if (reasons.length === 0) return [];
  const summary = stale
    ? 'services have changed since the registration; review the plan, then register it again: restart its application, or run `orra plans apply`'
    : 'it does not match the registered services';
  return [summary, ...reasons.map((problem) => `  ${escapeControlCharacters(problemLine(problem))}`)];
}

const problemLine = ({ taskId, field, message }: PlanProblemView): string =>
  `${[taskId, field].filter((part) => part !== undefined).join('.') || 'plan'}: ${message}`;
