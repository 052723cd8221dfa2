/** A saved plan as YAML, for `orra plans apply`. */
import { toYaml } from '../yaml';
import type { PinnedPlan } from './plan-document';
import { type PlanOrigin, reviewLines } from './plan-origin';

export function renderPlanYaml(pinned: PinnedPlan, origin: PlanOrigin, fileName: string): string {
  const comment = [...reviewLines(pinned, origin), `Apply it with: orra plans apply ${fileName}`];
  return `${comment.map((line) => `# ${line}\n`).join('')}\n${toYaml(pinned.document)}`;
}
