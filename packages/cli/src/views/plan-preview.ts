/** `orra plan`: the plan of an action and who made it, or why there is none. */
import type { PlanPreview } from '@orra-ts/protocol';
import { box } from '../output/box';
import { statusLook } from '../output/icons';
import { named } from '../output/named-lines';
import type { Style } from '../output/output';
import { sourceText } from '../plans/plan-origin';
import { groundingBox } from './grounding-hit';
import { planTree } from './plan-tree';
import { planningBox, problemsBox } from './planning';

export function planPreviewView(action: string, preview: PlanPreview, style: Style): string[] {
  const { plan, problems = [], planning, groundingHit } = preview;
  const sections = [
    outcomeBox(action, preview, style),
    ...(plan ? [planTree(action, preview, style)] : []),
    ...(problems.length > 0 ? [problemsBox(problems, style)] : []),
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
