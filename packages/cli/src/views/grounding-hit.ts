/** The grounding that an action was planned with: its use case, its constraints, and what of it the plan covers. */
import type { GroundingHitView } from '@orra-ts/protocol';
import { box, fields } from '../output/box';
import type { Colours } from '../output/colours';
import { inert } from '../output/text';

export function groundingBox(hit: GroundingHitView, colours: Colours): string[] {
  const { name, version, domain, useCases: useCase, constraints, coverage } = hit;
  const params = Object.entries(useCase.params).map(([param, value]) => `${param} = ${JSON.stringify(value)}`);
  return box(
    'Grounding',
    fields([
      ['Name', inert(`${name} ${version} (${domain})`)],
      ['Use Case', inert(useCase.action)],
      ['Params', params.length > 0 ? inert(params.join(', ')) : undefined],
      ['Intent', inert(useCase.intent)],
      ...(constraints ?? []).map((constraint) => ['Constraint', inert(constraint)] as const),
      ...useCase.capabilities.map((capability) => ['Requires', requirement(capability, coverage, colours)] as const),
    ]),
  );
}

/** There is no coverage where there is no plan. */
function requirement(capability: string, coverage: GroundingHitView['coverage'], colours: Colours): string {
  const required = inert(capability);
  if (!coverage) return required;
  const covered = coverage.find((one) => one.capability === capability);
  if (!covered) return `${required} ${colours.yellow('✕ by no service of the plan')}`;
  const source = covered.by === 'words' ? 'as it says' : 'as the model says';
  return `${required} ${colours.green('✓')} ${inert(covered.service)}, ${source}`;
}
