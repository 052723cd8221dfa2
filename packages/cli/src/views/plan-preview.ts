/** `orra plan`: the plan of an action and its source, or the reason why there is no plan. */
import type { PlanPreview } from '@orra-ts/protocol';
import { box } from '../output/box';
import { statusLabel } from '../output/icons';
import { labelledLines } from '../output/labelled-lines';
import type { Style } from '../output/output';
import { sourceDescription } from '../plans/plan-origin';
import { groundingBox } from './grounding-box';
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
      labelledLines(
        [
          ['Source', sourceDescription(source, source?.model ?? planning?.model)],
          ['Constants', values.length > 0 ? values.join(', ') : undefined],
        ],
        style,
      ),
    );
  }
  const { text, colour } = statusLabel(outcome === 'not_actionable' ? outcome : 'failed', style.colours);
  return box(
    'Plan',
    labelledLines(
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
