/** What the behaviours share: their list, and an application with an engine in memory. */
import assert from 'node:assert/strict';
import type { INestApplication, ModuleMetadata, Provider } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import {
  Handler,
  OrraApplication,
  OrraClient,
  OrraService,
  jsonSchema,
  type OrchestrationResult,
  type Task,
} from '@orra-ts/nestjs';
import { OrraTestingModule, type OrraTestingOptions } from '@orra-ts/nestjs/testing';

export interface Order {
  readonly sku: string;
}
export const Order = jsonSchema<Order>({
  type: 'object',
  properties: { sku: { type: 'string' } },
  required: ['sku'],
});

/** The rows of the table in docs/nestjs.md and of COMPATIBILITY.md, in this order. */
export const behaviours: { readonly name: string; run(): Promise<void> }[] = [];
export const behaviour = (name: string, run: () => Promise<void>): void => void behaviours.push({ name, run });

/** The service of most behaviours. */
@OrraService({ name: 'orders', description: 'Serves orders' })
export class Orders {
  constructor(private readonly suffix = '') {}

  @Handler({ input: Order, output: Order })
  serve({ input }: Task<Order>): Order {
    return { sku: `${input.sku}${this.suffix}` };
  }
}
// Nest would inject the parameter of the constructor.
Reflect.defineMetadata('design:paramtypes', [], Orders);

export interface Shop {
  readonly app: INestApplication;
  readonly orra: OrraClient;
  readonly services: readonly string[];
  /** Runs one task of the service to its end. */
  run(service: string, submission?: Submission): Promise<OrchestrationResult>;
}

export interface Submission {
  readonly sku?: string;
  readonly metadata?: Record<string, string>;
}

export interface ShopOptions extends Omit<ModuleMetadata, 'providers'> {
  readonly orra?: OrraTestingOptions;
  readonly prepare?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
}

/** Starts an application with the providers, and closes it after the work. */
export async function withShop(
  providers: readonly Provider[],
  work: (shop: Shop) => Promise<void>,
  { orra, prepare = (builder) => builder, imports = [], ...metadata }: ShopOptions = {},
): Promise<void> {
  const builder = Test.createTestingModule({
    ...metadata,
    imports: [OrraTestingModule.forTest(orra), ...imports],
    providers: [...providers],
  });
  const app = (await prepare(builder).compile()).createNestApplication({ logger: false });
  try {
    await app.init();
    const client = app.get(OrraClient);
    await work({
      app,
      orra: client,
      get services() {
        return app
          .get(OrraApplication)
          .health()
          .services.map(({ name }) => name);
      },
      run: (service, submission) => runTask(client, service, submission),
    });
  } finally {
    await app.close();
  }
}

export async function runTask(
  orra: OrraClient,
  service: string,
  { sku = 'tea', metadata = {} }: Submission = {},
): Promise<OrchestrationResult> {
  const orchestration = await orra
    .action('serve the order')
    .plan({ tasks: [{ id: 'task1', service, input: { sku } }] })
    .metadata(metadata)
    .submit();
  return orchestration.result();
}

export async function completes(result: Promise<OrchestrationResult>, sku: string): Promise<void> {
  const { status, ...rest } = await result;
  assert.deepEqual({ status, output: (rest as { output?: unknown }).output }, { status: 'completed', output: { sku } });
}

export async function fails(result: Promise<OrchestrationResult>, message: string): Promise<void> {
  const { status, ...rest } = await result;
  const { error } = rest as { error?: { message?: string } };
  assert.deepEqual({ status, message: error?.message }, { status: 'failed', message });
}
