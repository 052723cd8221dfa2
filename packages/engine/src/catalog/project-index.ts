/** The registrations of one project, in memory. Lists are built once per change, not once per request. */
import type { Project, RegisteredService, StoredGrounding, StoredPlan, StoredWebhook } from './catalog';
import type { WebhookKind, WebhookTarget } from '../domain/orchestration/webhooks';

interface Entry {
  readonly service: RegisteredService;
  /** Order of registration, for registrations in the same millisecond. */
  readonly revision: number;
}

export class ProjectIndex {
  private readonly entries = new Map<string, Entry>();
  private readonly newestPlans = new Map<string, StoredPlan>();
  private sortedServices: readonly RegisteredService[] | undefined;
  private sortedPlans: readonly StoredPlan[] | undefined;
  private readonly byName = new Map<string, readonly RegisteredService[]>();

  private readonly groundingsByName = new Map<string, StoredGrounding>();
  private readonly webhooksById = new Map<string, StoredWebhook>();
  private readonly targets: Readonly<Record<WebhookKind, WebhookTarget[]>>;

  constructor(public project: Project) {
    const targets = (urls: readonly string[]): WebhookTarget[] => urls.map((url) => ({ url }));
    this.targets = {
      orchestration: targets(project.webhooks),
      compensation: targets(project.compensationFailureWebhooks),
    };
  }

  webhooks(kind: WebhookKind): readonly WebhookTarget[] {
    return this.targets[kind];
  }

  webhook(id: string): StoredWebhook | undefined {
    return this.webhooksById.get(id);
  }

  addWebhook(webhook: StoredWebhook): void {
    this.webhooksById.set(webhook.id, webhook);
    this.targets[webhook.kind].push({ id: webhook.id, url: webhook.url });
  }

  /** Sorted by name. */
  groundings(): readonly StoredGrounding[] {
    return [...this.groundingsByName.values()].sort((a, b) => compareTexts(a.name, b.name));
  }

  putGrounding(grounding: StoredGrounding): void {
    this.groundingsByName.set(grounding.name, grounding);
  }

  removeGroundings(name: string | undefined): void {
    if (name === undefined) this.groundingsByName.clear();
    else this.groundingsByName.delete(name);
  }

  service(id: string): RegisteredService | undefined {
    return this.entries.get(id)?.service;
  }

  /** Sorted by id. */
  services(): readonly RegisteredService[] {
    this.sortedServices ??= [...this.entries.values()]
      .map(({ service }) => service)
      .sort((a, b) => compareTexts(a.id, b.id));
    return this.sortedServices;
  }

  get serviceCount(): number {
    return this.entries.size;
  }

  /** Newest registration first. */
  servicesByName(name: string): readonly RegisteredService[] {
    let services = this.byName.get(name);
    if (!services) {
      services = [...this.entries.values()]
        .filter(({ service }) => service.name === name)
        .sort((a, b) => b.service.updatedAt - a.service.updatedAt || b.revision - a.revision)
        .map(({ service }) => service);
      // Unknown names come from requests. They are not cached, because a client could fill the memory with them (E8).
      if (services.length > 0) this.byName.set(name, services);
    }
    return services;
  }

  putService(service: RegisteredService, revision: number): void {
    const before = this.entries.get(service.id)?.service.name;
    if (before !== undefined) this.byName.delete(before);
    this.byName.delete(service.name);
    this.sortedServices = undefined;
    this.entries.set(service.id, { service, revision });
  }

  /** The newest version of every name that is not retired, sorted by name. */
  plans(): readonly StoredPlan[] {
    this.sortedPlans ??= [...this.newestPlans.values()]
      .filter(({ retiredAt }) => retiredAt === undefined)
      .sort((a, b) => compareTexts(a.name, b.name));
    return this.sortedPlans;
  }

  newestPlan(name: string): StoredPlan | undefined {
    return this.newestPlans.get(name);
  }

  get planCount(): number {
    return this.newestPlans.size;
  }

  /** Makes this the newest version of its name. */
  putPlan(plan: StoredPlan): void {
    this.newestPlans.set(plan.name, plan);
    this.sortedPlans = undefined;
  }
}

/** By code units, regardless of the machine's locale. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
