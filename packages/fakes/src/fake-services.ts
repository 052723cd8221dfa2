/** The registered services of a `FakePlanEngine`. */
import { randomBytes } from 'node:crypto';
import {
  GO_ERROR_MESSAGES,
  isJsonObject,
  mintServiceId,
  type EngineCapabilities,
  type ServiceRegistration,
} from '@orra-ts/protocol';
import type { FakeHttpResponse } from './http-response';

interface KnownService {
  readonly id: string;
  name: string;
  version: number;
  revertible: boolean;
}

export class FakeServices {
  private readonly known = new Map<string, KnownService>();

  get(id: string): { readonly id: string; readonly name: string } | undefined {
    return this.known.get(id);
  }

  forget(): void {
    this.known.clear();
  }

  /** Registers like an engine: by id, by name if the engine supports it, otherwise as a new service. */
  register(body: ServiceRegistration, capabilities: EngineCapabilities | undefined): FakeHttpResponse {
    const name = body.name ?? '';
    let service: KnownService | undefined;
    if (body.id) {
      service = this.known.get(body.id);
      if (!service) {
        const message = GO_ERROR_MESSAGES.unknownService(body.id);
        return { status: 500, body: { error: { kind: 'unanticipated error', message } } };
      }
    } else if (body.identity === 'name' && capabilities?.identityByName) {
      service = [...this.known.values()].find((one) => one.name === name);
    }
    service = this.keep(service?.id ?? mintServiceId(randomBytes), body);
    const { id, version, revertible } = service;
    return {
      status: 200,
      body: { id, name, revertible, status: 'registered', version, capabilities },
    };
  }

  /** Registers under the id that a scripted response gives to the service. */
  registerAs({ status, body: responseBody }: FakeHttpResponse, body: ServiceRegistration): void {
    if (status === 200 && isJsonObject(responseBody) && typeof responseBody['id'] === 'string') {
      this.keep(responseBody['id'], body);
    }
  }

  private keep(id: string, { name, revertible }: ServiceRegistration): KnownService {
    const version = (this.known.get(id)?.version ?? 0) + 1;
    const service = { id, name: name ?? '', version, revertible: revertible === true };
    this.known.set(id, service);
    return service;
  }
}
