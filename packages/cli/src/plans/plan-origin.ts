/** Where a plan comes from, in words. */
import type { PlanPreview, PlanSourceView } from '@orra-ts/protocol';
import { escapeControlCharacters } from '../output/terminal-string';
import type { PinnedPlan } from './plan-document';

export interface PlanOrigin {
  /** Address of the engine. */
  readonly server: string;
  readonly source: PlanSourceView | undefined;
  readonly model: string | undefined;
  /** When it answered. */
  readonly nowMs: number;
}

export const originOf = ({ source, planning }: PlanPreview, server: string, nowMs: number): PlanOrigin => ({
  server,
  source,
  model: source?.model ?? planning?.model,
  nowMs,
});

export function sourceDescription(source: PlanSourceView | undefined, model = source?.model): string {
  const ofModel = model === undefined ? 'a model' : `the model ${escapeControlCharacters(model)}`;
  switch (source?.kind) {
    case 'explicit':
      return 'the plan that was sent';
    case 'defined': {
      const version = source.version === undefined ? '' : `, version ${source.version}`;
      return `the defined plan ${escapeControlCharacters(source.name ?? '?')}${version}`;
    }
    case 'model':
      return ofModel;
    case 'cache':
      return `the plan cache, made by ${ofModel}`;
    case undefined:
      return 'an unknown source';
  }
}

/** What a reviewer reads above a saved plan, line by line. No value of the data is in it: files are shared. */
export function reviewLines(
  { document, replaced, fixed, undecided, renamed }: PinnedPlan,
  origin: PlanOrigin,
): string[] {
  const { server, source, model, nowMs } = origin;
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return [
    `Plan "${document.name}", from ${sourceDescription(source, model)}; the engine at ${server} answered it on ${day}.`,
    'REVIEW BEFORE APPLYING: it was made for one request, and runs for every action of this text.',
    ...list(
      'Values that are now taken from the data:',
      replaced,
      ({ task, field, reference }) => `${task}.${field}: ${reference}`,
    ),
    ...list('Constants of the plan, written out in its tasks:', fixed, ({ name }) => name),
    ...list(
      'One value is of several fields and stays written out; refer to the one that is meant:',
      undecided,
      ({ fields }) => fields.join(', '),
    ),
    ...list('Tasks have new ids, in the order they can run in:', renamed, ({ from, to }) => `${from} is ${to}`),
  ].map(escapeControlCharacters);
}

const list = <T>(title: string, items: readonly T[], line: (item: T) => string): string[] =>
  items.length === 0 ? [] : [title, ...items.map((item) => `  ${line(item)}`)];
