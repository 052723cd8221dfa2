/** The attempts of a model to make a plan, and the problems of a plan. */
import type { PlanProblemView, PlanningView } from '@orra-ts/protocol';
import { box } from '../output/box';
import { hangingIndent, labelledLines, contentWidth } from '../output/labelled-lines';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { NS_PER_MS, formatSpan } from '../output/time';

export function planningBox(
  { model, promptVersion, durationMs, tokens, attempts }: PlanningView,
  style: Style,
): string[] {
  type Attempt = PlanningView['attempts'][number] & { readonly number: number };
  const columns: Column<Attempt>[] = [
    { header: 'ATTEMPT', read: ({ number }) => String(number) },
    { header: 'TIME', read: (attempt) => formatSpan(attempt.durationMs * NS_PER_MS) },
    {
      header: 'TOKENS',
      read: ({ promptTokens, completionTokens }) =>
        promptTokens === undefined && completionTokens === undefined
          ? '?'
          : tokenCounts(promptTokens ?? 0, completionTokens ?? 0),
    },
    {
      header: 'RESPONSE',
      read: ({ problems = [] }) =>
        problems.length > 0
          ? { text: 'rejected', colour: style.colours.yellow }
          : { text: 'accepted', colour: style.colours.green },
    },
  ];
  const numbered = attempts.map((attempt, i) => ({ ...attempt, number: i + 1 }));
  const rejected = numbered.filter(({ problems = [] }) => problems.length > 0);
  return box('Planning', [
    ...labelledLines(
      [
        ['Model', `${model} (prompt version ${promptVersion})`],
        ['Took', `${formatSpan(durationMs * NS_PER_MS)}, ${tokenCounts(tokens.prompt, tokens.completion)} tokens`],
      ],
      style,
    ),
    '',
    ...renderTable(columns, numbered, { width: contentWidth(style), dim: style.colours.dim }),
    ...rejected.flatMap(({ number, problems = [] }) => ['', `Attempt ${number}:`, ...problemLines(problems, style, 2)]),
  ]);
}

const tokenCounts = (prompt: number, completion: number): string => `${prompt} + ${completion}`;

function problemLines(problems: readonly PlanProblemView[], style: Style, indent = 0): string[] {
  return problems.flatMap(({ taskId, field, message }) => {
    const where = [taskId, field].filter((part) => part !== undefined).join(' ');
    return hangingIndent('✕ ', where === '' ? message : `${where}: ${message}`, style, indent);
  });
}

export const problemsBox = (problems: readonly PlanProblemView[], style: Style): string[] =>
  box('Problems', problemLines(problems, style));
