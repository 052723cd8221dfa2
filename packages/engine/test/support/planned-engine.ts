/** An engine whose plans are made by a `FakeModel`, with services that are registered and not connected. */
import { type Logger, silentLogger } from '@orra-ts/common';
import { FakeModel, type FakeModelOptions } from '@orra-ts/fakes';
import type { OrchestrationInspection, PlanPreview } from '@orra-ts/protocol';
import type { Engine, EngineOptions, ModelOptions } from '../../src';
import type { Answer, EngineClient } from './engine-client';
import { closeAfterTest, withEngine } from './with-engine';

const text = (description: string): object => ({ type: 'string', description });

/** An order is looked up, its goods are held, and it is shipped. */
export const SHOP = [
  {
    name: 'orders',
    description: 'Looks up orders of customers',
    schema: {
      input: { type: 'object', properties: { orderId: text('Number of the order') }, required: ['orderId'] },
      output: {
        type: 'object',
        properties: {
          productId: text('What was ordered'),
          quantity: { type: 'integer' },
          customer: { type: 'object', properties: { address: text('Where it goes') } },
        },
      },
    },
  },
  {
    name: 'inventory',
    description: 'Holds products in stock',
    revertible: true,
    schema: {
      input: {
        type: 'object',
        properties: { productId: text('Product to hold'), quantity: { type: 'integer', minimum: 1 } },
        required: ['productId', 'quantity'],
      },
      output: { type: 'object', properties: { reservationId: { type: 'string' } } },
    },
  },
  {
    name: 'delivery',
    description: 'Ships what is held to an address',
    schema: {
      input: {
        type: 'object',
        properties: {
          reservationId: { type: 'string' },
          address: { type: 'string' },
          mode: { type: 'string', enum: ['fast', 'cheap'] },
        },
        required: ['reservationId', 'address'],
      },
      output: { type: 'object', properties: { trackingId: { type: 'string' } } },
    },
  },
];

export const LOOK_UP = { id: 'task1', service: 'orders', input: { orderId: '$task0.orderId' } };

/** A sound plan for the action "Ship the order". */
export const SHIP_PLAN = {
  tasks: [
    LOOK_UP,
    { id: 'task2', service: 'inventory', input: { productId: '$task1.productId', quantity: '$task1.quantity' } },
    {
      id: 'task3',
      service: 'delivery',
      input: { reservationId: '$task2.reservationId', address: '$task1.customer.address' },
    },
  ],
};

export interface PlannedEngineOptions {
  readonly model?: Partial<ModelOptions>;
  readonly fake?: FakeModelOptions;
  readonly engine?: Partial<EngineOptions>;
  readonly logger?: Logger;
}

export class PlannedEngine {
  private constructor(
    readonly engine: Engine,
    readonly model: FakeModel,
    readonly client: EngineClient,
  ) {}

  static async start({ model = {}, fake, engine: more = {}, logger = silentLogger }: PlannedEngineOptions = {}) {
    const fakeModel = await FakeModel.start(fake);
    closeAfterTest(() => fakeModel.close());
    const { engine, client } = await withEngine({
      logger,
      model: { model: 'm-1', baseUrl: fakeModel.baseUrl, ...model },
      ...more,
    });
    const planned = new PlannedEngine(engine, fakeModel, client);
    for (const service of SHOP) await planned.register(service);
    return planned;
  }

  async register(service: object): Promise<void> {
    const { status, text: answer } = await this.client.ask('POST', '/register/service', service);
    if (status !== 200) throw new Error(answer);
  }

  submit(action: string, data: Readonly<Record<string, unknown>> = { orderId: 'A-17' }): Promise<Answer> {
    return this.client.ask('POST', '/orchestrations', submission(action, data));
  }

  async preview(action: string, data: Readonly<Record<string, unknown>> = { orderId: 'A-17' }): Promise<PlanPreview> {
    return (await this.client.ask('POST', '/plans', submission(action, data))).body;
  }

  /** What is known of the only orchestration, or the newest of its status. */
  async inspect(id: string): Promise<OrchestrationInspection> {
    return await this.client.inspect(id);
  }
}

const submission = (action: string, data: Readonly<Record<string, unknown>>): object => ({
  action: { content: action },
  data: Object.entries(data).map(([field, value]) => ({ field, value })),
});
