/**
 * A plan as a tree: the action, its steps in order, and in each step the tasks that run in parallel. Each task shows its
 * dependencies and the sources of its inputs.
 */
import { type PlanPreview, type PlannedTaskView, TASK_ZERO, isJsonObject, parseReference } from '@orra-ts/protocol';
import type { Style } from '../output/output';
import { truncateTo, displayWidth, escapeControlCharacters, padTo } from '../output/terminal-string';
import { levelsOf, taskIdsIn } from '../plans/plan-document';

interface Part {
  readonly text: string;
  readonly colour?: (text: string) => string;
}

interface Source {
  /** Such as `address.line`. */
  readonly field: string;
  readonly parts: readonly Part[];
}

export function planTree(action: string, preview: PlanPreview, style: Style): string[] {
  const { colours } = style;
  const tasks = (preview.plan?.tasks ?? []).filter(({ id }) => id !== TASK_ZERO);
  const steps = levelsOf(tasks);
  const lines = steps.flatMap((step, i) => {
    const isLastStep = i === steps.length - 1;
    return step.flatMap((task, j) => {
      const isLastTask = j === step.length - 1;
      const begin = j > 0 ? (isLastStep ? '  ' : '│ ') : isLastStep ? '└─' : '├─';
      const fork = step.length === 1 ? '─' : j === 0 ? '┬' : isLastTask ? '└' : '├';
      const below = `${isLastStep ? '  ' : '│ '}${isLastTask ? ' ' : '│'}   `;
      const before = taskIdsIn(task.input);
      const waitsFor = tasks.map(({ id }) => id).filter((id) => before.has(id));
      const title: Part[] = [
        { text: escapeControlCharacters(task.id), colour: colours.bold },
        { text: '  ' },
        { text: escapeControlCharacters(task.service_name), colour: colours.cyan },
        {
          text: waitsFor.length > 0 ? `  after ${escapeControlCharacters(waitsFor.join(', '))}` : '',
          colour: colours.dim,
        },
      ];
      return [
        renderLine(`${begin}${fork} `, title, style),
        ...inputLines(task, preview, style).map((parts) => renderLine(below, parts, style)),
      ];
    });
  });
  return [
    ...(action === ''
      ? []
      : [renderLine('', [{ text: escapeControlCharacters(action), colour: colours.bold }], style)]),
    ...lines,
  ];
}

function inputLines(task: PlannedTaskView, preview: PlanPreview, style: Style): Part[][] {
  const sources = sourcesOf(task.input, '', preview, style);
  const widest = Math.max(0, ...sources.map(({ field }) => displayWidth(field)));
  return sources.map(({ field, parts }) => [{ text: `${padTo(field, widest)} ` }, ...parts]);
}

/** Objects and lists are expanded if they contain a reference. */
function sourcesOf(value: unknown, field: string, preview: PlanPreview, style: Style): Source[] {
  const isExpanded = field === '' || hasReference(value);
  if (isExpanded && Array.isArray(value)) {
    return value.flatMap((item, i) => sourcesOf(item, `${field}[${i}]`, preview, style));
  }
  if (isExpanded && isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, member]) =>
      sourcesOf(
        member,
        field === '' ? escapeControlCharacters(name) : `${field}.${escapeControlCharacters(name)}`,
        preview,
        style,
      ),
    );
  }
  return [{ field, parts: sourceParts(value, preview, style) }];
}

function sourceParts(value: unknown, { taskZero = {}, constants = [] }: PlanPreview, { colours }: Style): Part[] {
  const reference = parseReference(value);
  if (!reference) return [{ text: `= ${escapeControlCharacters(JSON.stringify(value))}`, colour: colours.yellow }];
  const path = reference.path.join('.');
  if (reference.taskId !== TASK_ZERO)
    return [{ text: `← ${escapeControlCharacters(reference.taskId)}.${escapeControlCharacters(path)}` }];
  const [field = ''] = reference.path;
  if (!constants.includes(field)) return [{ text: `← ${escapeControlCharacters(path)}`, colour: colours.green }];
  const constant = Object.hasOwn(taskZero, field) ? ` ${JSON.stringify(taskZero[field])}` : '';
  return [
    {
      text: `← ${escapeControlCharacters(path)} (constant${escapeControlCharacters(constant)})`,
      colour: colours.yellow,
    },
  ];
}

function hasReference(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasReference);
  return isJsonObject(value) ? Object.values(value).some(hasReference) : parseReference(value) !== undefined;
}

/** One line, truncated to the width of the terminal. */
function renderLine(prefix: string, parts: readonly Part[], { width, colours }: Style): string {
  let room = width === undefined ? Infinity : width - displayWidth(prefix);
  let line = prefix === '' ? '' : colours.dim(prefix);
  for (const { text, colour = String } of parts) {
    if (room <= 0 || text === '') continue;
    const truncated = truncateTo(text, room);
    line += colour(truncated);
    room = truncated === text ? room - displayWidth(text) : 0;
  }
  return line;
}
