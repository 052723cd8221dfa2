/** Webhooks of both kinds. Protocol page, section 1.3; the secret is ours. */
import type { WebhookKind } from '../../domain/orchestration/webhooks';
import { decodeWebhook } from '../http/compatible-bodies';
import { requestTools, type Handler, type HttpAppDependencies, type Route } from '../http/route';

export function webhookRoutes(dependencies: HttpAppDependencies): Route[] {
  const { host } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  const adding = (kind: WebhookKind): Handler =>
    asProject(async (context, project) => {
      const { url, secret } = await host.addWebhook(project, kind, decodeWebhook(await body(context)));
      return context.json({ url, secret }, 201);
    });
  return [
    { method: 'POST', path: '/webhooks', handle: adding('orchestration') },
    { method: 'POST', path: '/compensation-failure-webhooks', handle: adding('compensation') },
  ];
}
