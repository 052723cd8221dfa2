/** Pins the exact prompt: a change must raise `PROMPT_VERSION`, because plans of the old prompt are cached. */
import { createHash } from 'node:crypto';
import type { ServiceId } from '@orra-ts/protocol';
import { PROMPT_VERSION, correctionPrompt, labelled, planningPrompt } from './prompt';
import type { PlannableService } from '../../domain/plan/plan-services';

const service = (id: string, name: string, updatedAt = 1, more: object = {}): PlannableService => ({
  id: id as ServiceId,
  name,
  description: 'Holds\nproducts',
  schema: {
    input: {
      type: 'object',
      properties: {
        productId: { type: 'string', description: 'What to hold' },
        quantity: { type: 'integer', minimum: 1 },
        lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
      },
      required: ['productId'],
    },
    output: { type: 'object', properties: { reservationId: { type: 'string' } } },
    ...more,
  },
  revertible: true,
  updatedAt,
});

it('the prompt is that of its version', () => {
  const { services, rest } = planningPrompt({
    action: 'Hold it',
    data: [{ field: 'orderId', value: 'A-17' }],
    services: labelled([service('s_a', 'inventory')]),
    grounding: {
      name: 'g',
      domain: 'shop',
      version: '1',
      useCase: { action: 'Hold it', params: {}, capabilities: ['hold products'], intent: 'keep goods aside' },
      constraints: ['never more than is in stock'],
    },
    includeValues: false,
  });
  const prompt = services + rest;
  const hash = createHash('sha256')
    .update(prompt + correctionPrompt([{ taskId: 'task1', message: 'no' }]))
    .digest('hex');
  // A new hash requires a new version.
  expect([PROMPT_VERSION, hash.slice(0, 16)]).toEqual([2, 'e2c5b053ef3eda09']);
  expect(prompt).toContain(`## inventory
Holds products (can be undone)
input:
- productId: string, required. What to hold
- quantity: integer, at least 1
- lines: array of object
  - sku: string, required
output:
- reservationId: string
`);
});

it('shows no values of fields that a service declares as sensitive', () => {
  const card = { type: 'object', properties: { number: { type: 'string', 'x-sensitive': true } } };
  const charges = service('s_c', 'charges', 1, { input: { type: 'object', properties: { card } } });
  const { rest } = planningPrompt({
    action: 'Charge the card',
    data: [
      { field: 'number', value: '4111' },
      { field: 'card', value: { Number: '4111', holder: 'Ann' } },
      { field: 'amount', value: 3 },
    ],
    services: labelled([charges]),
    includeValues: true,
  });
  expect(rest).not.toContain('4111');
  expect(rest).toContain('{"Number":"[sensitive]","holder":"Ann"}');
  expect(rest).toContain('- "amount": integer = 3');
});

describe('services are labelled', () => {
  const labels = (...services: PlannableService[]): string[] => labelled(services).map(({ label }) => label);

  it('by name, with only the newest registration of each', () => {
    const [old, newest] = [service('s_a', 'inventory', 1), service('s_b', 'inventory', 2)];
    expect(labels(old, newest)).toEqual(['inventory']);
    expect(labelled([old, newest])[0]?.service).toBe(newest);
  });

  it('by id if one name has different schemas', () => {
    const other = service('s_b', 'inventory', 2, {
      output: { type: 'object', properties: { id: { type: 'string' } } },
    });
    expect(labels(service('s_a', 'inventory'), other, service('s_c', 'orders'))).toEqual(['s_a', 's_b', 'orders']);
  });
});
