/** Bodies of projects and services. */
import type { EngineCapabilities, ProjectRegistered, ServiceRegistered, ServiceView } from '@orra-ts/protocol';
import type { Project, RegisteredService } from '../catalog/catalog';
import { toTimestamp } from '../wire-time';

/** The only response that shows the key. Empty lists are null, as on the Go engine. */
export function projectView(
  project: Project,
  apiKey: string,
  additionalApiKeys: readonly string[] | null | undefined,
): ProjectRegistered {
  const list = (values: readonly string[] | null | undefined): string[] | null => (values?.length ? [...values] : null);
  return {
    id: project.id,
    name: project.name,
    apiKey,
    additionalAPIKeys: list(additionalApiKeys),
    webhooks: list(project.webhooks),
    compensationFailureWebhooks: list(project.compensationFailureWebhooks),
    createdAt: toTimestamp(project.createdAt),
    updatedAt: toTimestamp(project.updatedAt),
  };
}

export const serviceRegisteredView = (
  service: RegisteredService,
  capabilities: EngineCapabilities,
): ServiceRegistered => ({
  id: service.id,
  name: service.name,
  revertible: service.revertible,
  status: 'registered',
  version: service.version,
  capabilities,
});

export const serviceView = (service: RegisteredService, connections: number): ServiceView => ({
  id: service.id,
  name: service.name,
  type: service.kind,
  description: service.description,
  version: service.version,
  revertible: service.revertible,
  schema: service.schema,
  jsonSchema: service.jsonSchema,
  leftToService: service.leftToService ? [...service.leftToService] : undefined,
  timeoutMs: service.timeoutMs,
  capabilities: service.capabilities,
  connections,
  createdAt: toTimestamp(service.createdAt),
  updatedAt: toTimestamp(service.updatedAt),
});
