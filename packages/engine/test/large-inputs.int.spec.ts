/** Inputs that references make larger than services accept (E8). */
import { SDK_MAX_PAYLOAD_BYTES } from '@orra-ts/protocol';
import { connectService, type EngineClient } from './support/engine-client';
import { withEngine } from './support/with-engine';

const LIST = { type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } } as const;

async function submit(client: EngineClient, value: unknown, input: object): Promise<string> {
  const { status, body } = await client.ask('POST', '/orchestrations', {
    action: { type: 'order', content: 'Ship the order' },
    data: [{ field: 'value', value }],
    plan: { tasks: [{ id: 'task1', service: 'worker', input }] },
  });
  expect(status).toBe(202);
  return body.id as string;
}

describe('an input that repeats one large value', () => {
  const value = 'x'.repeat(1_000_000);

  it('fails its task for good, and the error names both sizes', async () => {
    const { client } = await withEngine();
    const worker = await connectService(client, 'worker', { schema: { input: LIST, output: LIST } });
    const id = await submit(client, value, { list: Array.from({ length: 600 }, () => '$task0.value') });
    // The stream ends with the orchestration.
    await client.ask('GET', `/orchestrations/${id}/events`);
    const { status, tasks } = await client.inspect(id);
    expect([status, tasks[0].status]).toEqual(['failed', 'failed']);
    const [, bytes, limit] = /has (\d+) bytes, more than the (\d+) bytes/.exec(tasks[0].error as string) ?? [];
    expect(Number(bytes)).toBeGreaterThan(600 * value.length);
    expect(Number(bytes)).toBeLessThan(601 * value.length);
    expect(Number(limit)).toBe(SDK_MAX_PAYLOAD_BYTES);
    expect(tasks[0].failureDetails).toMatchObject({ code: 'ORRA_MESSAGE_TOO_LARGE' });
    expect(tasks[0].statusHistory.map((one: { status: string }) => one.status)).toEqual(['processing', 'failed']);
    await worker.close();
  });

  it('is shown in inspections up to a size; further references are shown as written', async () => {
    const { client } = await withEngine();
    const worker = await connectService(client, 'worker', { schema: { input: LIST, output: LIST } });
    const id = await submit(client, value, { list: Array.from({ length: 20 }, () => '$task0.value') });
    const request = await worker.nextRequest();
    expect((request.input as { list: string[] }).list).toEqual(Array.from({ length: 20 }, () => value));
    const { list } = (await client.inspect(id)).tasks[0].input as { list: string[] };
    expect(list.filter((item) => item === value)).toHaveLength(16);
    expect(list.slice(16)).toEqual(Array.from({ length: 4 }, () => '$task0.value'));
    await worker.close();
  });
});

it('an inspection shows null where the handler received null', async () => {
  const { client } = await withEngine();
  const spec = { type: 'object', properties: { value: { type: 'string', nullable: true } } } as const;
  const worker = await connectService(client, 'worker', { schema: { input: spec, output: spec } });
  const id = await submit(client, null, { value: '$task0.value' });
  expect((await worker.nextRequest()).input).toEqual({ value: null });
  expect((await client.inspect(id)).tasks[0].input).toEqual({ value: null });
  await worker.close();
});
