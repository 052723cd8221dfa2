/** Registers the engine's own plans in each project once, when the project is first used. */
import type { DefinedPlan, ProjectId } from '@orra-ts/protocol';
import type { Project } from './catalog/catalog';
import type { EngineCore } from './core/engine-core';

export class ProjectPlans {
  private readonly prepared = new Map<ProjectId, Promise<void>>();

  constructor(
    private readonly definedPlans: EngineCore['plans'],
    private readonly plans: readonly DefinedPlan[],
  ) {}

  prepare(project: Project): Promise<void> {
    let preparation = this.prepared.get(project.id);
    if (!preparation) {
      preparation = this.register(project).catch((error: unknown) => {
        // The next use registers it again.
        this.prepared.delete(project.id);
        throw error;
      });
      this.prepared.set(project.id, preparation);
    }
    return preparation;
  }

  private async register(project: Project): Promise<void> {
    for (const plan of this.plans) await this.definedPlans.register(project, plan);
  }
}
