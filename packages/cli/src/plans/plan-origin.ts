/** The source of a plan, for messages and for the comment in a saved plan. */
import type { PlanPreview, PlanSourceView } from '@orra-ts/protocol';
import { escapeControlCharacters } from '../output/terminal-string';
import type { PinnedPlan } from './plan-document';

export interface PlanOrigin {
  /** URL of the engine. */
  readonly server: string;
  readonly source: PlanSourceView | undefined;
  readonly model: string | undefined;
  /** When the engine responded. */
  readonly nowMs: number;
}

export const originOf = ({ source, planning }: PlanPreview, server: string, nowMs: number): PlanOrigin => ({
  server,
  source,
  model: source?.model ?? planning?.model,
  nowMs,
});

export function sourceDescription(source: PlanSourceView | undefined, model = source?.model): string {
  const modelLabel = model === undefined ? 'a model' : `the model ${escapeControlCharacters(model)}`;
  switch (source?.kind) {
    case 'explicit':
      return 'the plan that was sent';
    case 'defined': {
      const version = source.version === undefined ? '' : `, version ${source.version}`;
      return `the defined plan ${escapeControlCharacters(source.name ?? '?')}${version}`;
    }
    case 'model':
      return modelLabel;
    case 'cache':
      return `the plan cache, made by ${modelLabel}`;
    case undefined:
      return 'an unknown source';
  }
}

/** Comment lines above a saved plan, for the reviewer. They contain no values of the data, because files are shared. */
export function reviewLines(
  { document, replaced, fixed, undecided, renamed }: PinnedPlan,
  origin: PlanOrigin,
): string[] {
  const { server, source, model, nowMs } = origin;
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return [
    `Plan "${document.name}" from ${sourceDescription(source, model)}, returned by the engine at ${server} on ${day}.`,
    'REVIEW BEFORE APPLYING: the plan was made for one request, and will run for every action that matches its text.',
    ...list(
      'Values replaced by references to the data:',
      replaced,
      ({ task, field, reference }) => `${task}.${field}: ${reference}`,
    ),
    ...list('Constants, kept as literals in the tasks:', fixed, ({ name }) => name),
    ...list(
      'Values that match several fields, kept as literals; refer to the intended field:',
      undecided,
      ({ fields }) => fields.join(', '),
    ),
    ...list('Renamed tasks, in execution order:', renamed, ({ from, to }) => `${from} -> ${to}`),
  ].map(escapeControlCharacters);
}

const list = <T>(title: string, items: readonly T[], line: (item: T) => string): string[] =>
  items.length === 0 ? [] : [title, ...items.map((item) => `  ${line(item)}`)];
