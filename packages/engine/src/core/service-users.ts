/** Which live orchestrations use a service: they are decided anew when the service connects or disconnects. */
import type { DecisionLoop } from './decision-loop';
import type { LiveOrchestration } from './live-orchestration';

export class ServiceUsers {
  private readonly byService = new Map<string, Set<LiveOrchestration>>();

  constructor(private readonly loop: DecisionLoop) {}

  track(orchestration: LiveOrchestration, serviceId: string): void {
    const users = this.byService.get(serviceId) ?? new Set();
    this.byService.set(serviceId, users.add(orchestration));
  }

  /** Forgets an orchestration that is over. */
  untrack(orchestration: LiveOrchestration): void {
    for (const { plan } of orchestration.state.tasks.values()) {
      this.byService.get(plan.serviceId)?.delete(orchestration);
    }
  }

  of(serviceId: string): readonly LiveOrchestration[] {
    return [...(this.byService.get(serviceId) ?? [])];
  }

  /** Decides anew every orchestration whose plan uses the service. */
  advance(serviceId: string): void {
    for (const orchestration of this.of(serviceId)) this.loop.advance(orchestration);
  }
}
