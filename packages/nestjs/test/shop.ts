/** An application for the tests: a module with the given providers, and an engine in memory. */
import type { INestApplication, ModuleMetadata, Provider } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { IsString } from 'class-validator';
import { OrraClient, type OrchestrationResult } from '@orra-ts/nestjs';
import { OrraTestingModule, type OrraTestingOptions } from '@orra-ts/nestjs/testing';

export class OrderInput {
  @IsString() sku!: string;
}

export class OrderOutput {
  @IsString() seen!: string;
}

export interface Shop {
  readonly app: INestApplication;
  /** Runs one task of the service to its end. */
  run(service: string, submission?: Submission): Promise<OrchestrationResult>;
}

export interface Submission {
  readonly input?: Record<string, unknown>;
  readonly metadata?: Record<string, string>;
}

interface ShopOptions extends Omit<ModuleMetadata, 'providers'> {
  readonly orra?: OrraTestingOptions;
  readonly prepare?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Before `init()`. */
  readonly configure?: (app: INestApplication) => void;
}

const open: INestApplication[] = [];

/** Applications are closed after each test. */
export async function shop(providers: readonly Provider[], options: ShopOptions = {}): Promise<Shop> {
  const { orra, prepare = (builder) => builder, configure, imports = [], ...metadata } = options;
  const builder = Test.createTestingModule({
    ...metadata,
    imports: [OrraTestingModule.forTest(orra), ...imports],
    providers: [...providers],
  });
  const app = (await prepare(builder).compile()).createNestApplication({ logger: false });
  configure?.(app);
  open.push(app);
  await app.init();
  return { app, run: (service, submission) => runTask(app.get(OrraClient), service, submission) };
}

export async function runTask(
  orra: OrraClient,
  service: string,
  { input = { sku: 'tea' }, metadata = {} }: Submission = {},
): Promise<OrchestrationResult> {
  const orchestration = await orra
    .action('serve the order')
    .plan({ tasks: [{ id: 'task1', service, input }] })
    .metadata(metadata)
    .submit();
  return orchestration.result();
}

export async function closeShops(): Promise<void> {
  for (const app of open.splice(0)) await app.close().catch(() => undefined);
}
