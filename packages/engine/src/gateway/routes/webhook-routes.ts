/** Adds webhooks of both kinds. The Go engine has these routes, too; only our engine signs, so only it returns a secret. */
import { WebhookAddedSchema } from '@orra-ts/protocol';
import type { WebhookKind } from '../../domain/orchestration/webhooks';
import { webhookBody } from '../http/request-bodies';
import { defineRoute, json, type Route } from '../http/route';

const addWebhook = (path: string, kind: WebhookKind, summary: string): Route =>
  defineRoute({
    method: 'POST',
    path,
    summary,
    access: 'project',
    body: webhookBody,
    responses: { 201: json(WebhookAddedSchema, 'The webhook and its secret, which is not shown again') },
    handler: async ({ project, body }, { core }) => {
      const { url, secret } = await core.projects.addWebhook(project, kind, await body());
      return { status: 201, body: { url, secret } };
    },
  });

export const webhookRoutes = [
  addWebhook('/webhooks', 'orchestration', 'Adds a webhook for orchestrations that end'),
  addWebhook('/compensation-failure-webhooks', 'compensation', 'Adds a webhook for compensations that were given up'),
];
