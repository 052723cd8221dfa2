/** `orra plan`: the plan of an action and who made it, or why there is none. */
import type { GroundingHitView, PlanPreview, PlanProblemView, PlanningView } from '@orra-ts/protocol';
import { BOX_SIDE, box } from '../output/box';
import { statusLook } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { inert, wrapTo } from '../output/text';
import { formatSpan } from '../output/time';
import { sourceText } from '../plans/plan-origin';
import { planTree } from './plan-tree';

const NS_PER_MS = 1e6;

export function planPreviewView(action: string, preview: PlanPreview, style: Style): string[] {
  const { plan, problems = [], planning, groundingHit } = preview;
  const sections = [
    outcomeBox(action, preview, style),
    ...(plan ? [planTree(action, preview, style)] : []),
    ...(problems.length > 0 ? [box('Problems', problemLines(problems, style))] : []),
    ...(groundingHit ? [groundingBox(groundingHit, style)] : []),
    ...(planning ? [planningBox(planning, style)] : []),
  ];
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function outcomeBox(action: string, preview: PlanPreview, style: Style): string[] {
  const { outcome, source, planning, reason, nearestServices = [], taskZero = {}, constants = [] } = preview;
  if (outcome === 'planned') {
    const values = constants.map((name) => `${name} = ${JSON.stringify(taskZero[name])}`);
    return box(
      'Plan',
      named(
        [
          ['Source', sourceText(source, source?.model ?? planning?.model)],
          ['Constants', values.length > 0 ? values.join(', ') : undefined],
        ],
        style,
      ),
    );
  }
  const { text, colour } = statusLook(outcome === 'not_actionable' ? outcome : 'failed', style.colours);
  return box(
    'Plan',
    named(
      [
        ['Action', action],
        ['Status', text, colour],
        ['Reason', reason],
        ['Nearest', nearestServices.length > 0 ? nearestServices.join(', ') : undefined],
      ],
      style,
    ),
  );
}

function groundingBox({ name, version, domain, useCases, constraints, coverage = [] }: GroundingHitView, style: Style) {
  const covered = coverage.map(
    ({ capability, service, by }) => `${capability}: ${service}${by === 'model' ? ' (as the model says)' : ''}`,
  );
  return box('Grounding', [
    ...named(
      [
        ['Name', `${name} ${version} (${domain})`],
        ['Use case', useCases.action],
      ],
      style,
    ),
    ...bullets('Constraints', constraints ?? [], style),
    ...bullets('Capabilities', covered, style),
  ]);
}

function planningBox({ model, promptVersion, durationMs, tokens, attempts }: PlanningView, style: Style): string[] {
  type Attempt = PlanningView['attempts'][number] & { readonly number: number };
  const columns: Column<Attempt>[] = [
    { header: 'ATTEMPT', read: ({ number }) => String(number) },
    { header: 'TIME', read: (attempt) => formatSpan(attempt.durationMs * NS_PER_MS) },
    {
      header: 'TOKENS',
      read: ({ promptTokens, completionTokens }) =>
        promptTokens === undefined && completionTokens === undefined
          ? '?'
          : tokenText(promptTokens ?? 0, completionTokens ?? 0),
    },
    {
      header: 'ANSWER',
      read: ({ problems = [] }) =>
        problems.length > 0
          ? { text: 'refused', colour: style.colours.yellow }
          : { text: 'taken', colour: style.colours.green },
    },
  ];
  const numbered = attempts.map((attempt, i) => ({ ...attempt, number: i + 1 }));
  const refused = numbered.filter(({ problems = [] }) => problems.length > 0);
  return box('Planning', [
    ...named(
      [
        ['Model', `${model} (prompt version ${promptVersion})`],
        ['Took', `${formatSpan(durationMs * NS_PER_MS)}, ${tokenText(tokens.prompt, tokens.completion)} tokens`],
      ],
      style,
    ),
    '',
    ...renderTable(columns, numbered, { width: roomIn(style), dim: style.colours.dim }),
    ...refused.flatMap(({ number, problems = [] }) => ['', `Attempt ${number}:`, ...problemLines(problems, style, 2)]),
  ]);
}

const tokenText = (prompt: number, completion: number): string => `${prompt} + ${completion}`;

function problemLines(problems: readonly PlanProblemView[], style: Style, indent = 0): string[] {
  return problems.flatMap(({ taskId, field, message }) => {
    const where = [taskId, field].filter((part) => part !== undefined).join(' ');
    return hanging('✕ ', where === '' ? message : `${where}: ${message}`, style, indent);
  });
}

function bullets(title: string, items: readonly string[], style: Style): string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.flatMap((item) => hanging('- ', item, style, 2))];
}

type NamedValue = readonly [name: string, value: string | undefined, colour?: (text: string) => string];

/** Names and values below each other; long values go on below themselves. */
function named(entries: readonly NamedValue[], style: Style): string[] {
  const shown = entries.filter(([, value]) => value !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.flatMap(([name, value = '', colour]) =>
    hanging(`${name}: ${' '.repeat(widest - name.length)}`, value, style, 0, colour),
  );
}

/** Behind `mark`, and in the lines below it under its own beginning. */
function hanging(
  mark: string,
  text: string,
  style: Style,
  indent = 0,
  colour: (text: string) => string = String,
): string[] {
  const room = roomIn(style);
  const lines = wrapTo(inert(text), room === undefined ? undefined : Math.max(20, room - indent - mark.length));
  return lines.map((line, i) => `${' '.repeat(indent)}${i === 0 ? mark : ' '.repeat(mark.length)}${colour(line)}`);
}

const roomIn = ({ width }: Style): number | undefined => (width === undefined ? undefined : width - BOX_SIDE.length);
