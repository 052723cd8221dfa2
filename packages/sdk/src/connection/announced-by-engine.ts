/** Asks an engine for the capabilities that matter before a registration. */
import type { HttpTransport } from '@orra-ts/common';
import { CAPABILITIES_HEADER, parseCapabilities, type EngineCapabilities } from '@orra-ts/protocol';
import type { RegistrationTarget } from './registration';

/**
 * Returns false for an engine that does not announce it, such as the Go engine.
 *
 * @throws OrraError `ORRA_UNREACHABLE`
 */
export async function announces(
  capability: keyof EngineCapabilities & ('identityByName' | 'jsonSchemas'),
  transport: HttpTransport,
  { url, timeoutMs }: Pick<RegistrationTarget, 'url' | 'timeoutMs'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { headers } = await transport.request({ method: 'GET', url: `${url}/health`, timeoutMs, signal });
  return parseCapabilities(headers[CAPABILITIES_HEADER.toLowerCase()] ?? '').includes(capability);
}
