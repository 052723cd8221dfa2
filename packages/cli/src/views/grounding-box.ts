/** The grounding that an action was planned with: use case, constraints, and the capabilities that the plan covers. */
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

/** Without a plan there is no coverage. */
function requirement(
  capability: string,
  coverage: GroundingHitView['coverage'],
  { colours }: Style,
): readonly [text: string, colour?: (text: string) => string] {
  if (!coverage) return [capability];
  const covered = coverage.find((one) => one.capability === capability);
  if (!covered) return [`${capability} ✕ no service of the plan`, colours.yellow];
  const source = covered.by === 'words' ? 'by its description' : 'according to the model';
  return [`${capability} ✓ ${covered.service}, ${source}`];
}
