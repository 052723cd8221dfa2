import type { SdkCapability } from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';

/** What a service announces, in its registration and again for each connection. */
export function announcedCapabilities({ revert }: Pick<ServiceDefinition, 'revert'>): readonly SdkCapability[] {
  const capabilities: SdkCapability[] = ['task-meta', 'task-cancel'];
  if (revert?.also.has('failed')) capabilities.push('revert-failed');
  if (revert?.also.has('unknown')) capabilities.push('revert-unknown');
  return capabilities;
}
