/** Asks an engine, before the first registration, whether names identify services there (I1). */
import type { HttpTransport } from '@orra-ts/common';
import { CAPABILITIES_HEADER, parseCapabilities, type EngineCapabilities } from '@orra-ts/protocol';
import type { RegistrationTarget } from './registration';

const IDENTITY_BY_NAME = 'identityByName' satisfies keyof EngineCapabilities;

/**
 * Returns false for an engine that does not announce it, such as the Go engine.
 *
 * @throws OrraError `ORRA_UNREACHABLE`
 */
export async function identifiesByName(
  transport: HttpTransport,
  { url, timeoutMs }: RegistrationTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const { headers } = await transport.request({ method: 'GET', url: `${url}/health`, timeoutMs, signal });
  return parseCapabilities(headers[CAPABILITIES_HEADER.toLowerCase()] ?? '').includes(IDENTITY_BY_NAME);
}
