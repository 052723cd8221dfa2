/** The grounding that an action was planned with: its use case, its constraints, and what of it the plan covers. */
import type { GroundingHitView } from '@orra-ts/protocol';
import { box } from '../output/box';
import { labelledLines } from '../output/labelled-lines';
import type { Style } from '../output/output';

export function groundingBox(hit: GroundingHitView, style: Style): string[] {
  const { name, version, domain, useCases: useCase, constraints, coverage } = hit;
  const params = Object.entries(useCase.params).map(([param, value]) => `${param} = ${JSON.stringify(value)}`);
  return box(
    'Grounding',
    labelledLines(
      [
        ['Name', `${name} ${version} (${domain})`],
        ['Use Case', useCase.action],
        ['Params', params.length > 0 ? params.join(', ') : undefined],
        ['Intent', useCase.intent],
        ...(constraints ?? []).map((constraint) => ['Constraint', constraint] as const),
        ...useCase.capabilities.map((capability) => ['Requires', ...requirement(capability, coverage, style)] as const),
      ],
      style,
    ),
  );
}

/** There is no coverage where there is no plan. */
function requirement(
  capability: string,
  coverage: GroundingHitView['coverage'],
  { colours }: Style,
): readonly [text: string, colour?: (text: string) => string] {
  if (!coverage) return [capability];
  const covered = coverage.find((one) => one.capability === capability);
  if (!covered) return [`${capability} ✕ by no service of the plan`, colours.yellow];
  const source = covered.by === 'words' ? 'as it says' : 'as the model says';
  return [`${capability} ✓ ${covered.service}, ${source}`];
}
