/** Hands queued webhook messages to the sender, and gives the outcome of each attempt to the decision loop. */
import type { Logger } from '@orra-ts/common';
import type { Catalog } from '../catalog/catalog';
import type { TargetPolicy } from '../webhooks/target-policy';
import { WebhookClient } from '../webhooks/webhook-client';
import { WebhookSender } from '../webhooks/webhook-sender';
import type { DecisionLoop } from './decision-loop';
import type { EngineTime } from './engine-time';
import type { LiveOrchestration } from './live-orchestration';

export interface WebhookOutboxOptions {
  readonly catalog: Catalog;
  readonly clock: EngineTime;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly targets: TargetPolicy;
  readonly loop: DecisionLoop;
}

export class WebhookOutbox {
  private readonly sender: WebhookSender;
  private readonly client: WebhookClient;

  constructor(private readonly options: WebhookOutboxOptions) {
    const { targets, clock } = options;
    this.client = new WebhookClient(targets);
    this.sender = new WebhookSender({
      ...options,
      wallClock: clock.wall,
      post: (post, signal) => this.client.post(post, signal),
    });
  }

  /** Called when a message was queued, and after a failed attempt. */
  send(orchestration: LiveOrchestration, id: string): void {
    const { catalog, loop } = this.options;
    const delivery = orchestration.state.webhooks.get(id);
    if (!delivery) return;
    const { state } = orchestration;
    this.sender.schedule(
      delivery,
      () => {
        const secret =
          delivery.webhookId === undefined ? undefined : catalog.webhook(state.projectId, delivery.webhookId)?.secret;
        return { delivery, state: orchestration.state, secret };
      },
      (outcome) => loop.executeDetached(orchestration, { kind: 'webhook_outcome', id, outcome }),
    );
  }

  /** Sends everything that was queued when the engine stopped. */
  resume(orchestration: LiveOrchestration): void {
    for (const id of orchestration.state.webhooks.keys()) this.send(orchestration, id);
  }

  close(): void {
    this.sender.close();
    this.client.close();
  }
}
