import type { Grounding } from '@orra-ts/protocol';
import { matchGrounding, nearestUseCases } from './grounding-match';

function grounding(name: string, ...actions: readonly string[]): Grounding {
  const useCases = actions.map((action) => ({
    action,
    params: Object.fromEntries([...action.matchAll(/\{([^{}]+)\}/g)].map(([, param = '']) => [param, `any ${param}`])),
    capabilities: ['holds stock'],
    intent: 'goods are kept aside',
  }));
  return { name, domain: 'shop', version: '1.0', useCases, constraints: ['never more than there is'] };
}

/** The matching use case as `grounding: its action`. */
function found(action: string, ...groundings: readonly Grounding[]): string | undefined {
  const hit = matchGrounding(groundings, action);
  return hit && `${hit.name}: ${hit.useCase.action}`;
}
const paramsIn = (action: string, template: string): unknown =>
  matchGrounding([grounding('orders', template)], action)?.useCase.params;

describe('the grounding of an action', () => {
  it('is returned with its version, its constraints and the matching use case', () => {
    const orders = grounding('orders', 'Cancel {orderId}', 'Hold {orderId}');
    expect(matchGrounding([orders], 'hold  A-17.')).toEqual({
      name: 'orders',
      domain: 'shop',
      version: '1.0',
      useCase: { ...orders.useCases[1], params: { orderId: 'A-17' } },
      constraints: ['never more than there is'],
    });
  });

  it('is found by its words regardless of case, spaces and punctuation, and by no others', () => {
    const orders = grounding('orders', 'Hold stock for {orderId}');
    expect(found('HOLD   stock for "A-17"!', orders)).toBe('orders: Hold stock for {orderId}');
    for (const action of ['Hold stock', 'Hold stock for', 'Reserve stock for A-17', 'Please hold stock for A-17', '']) {
      expect(found(action, orders)).toBeUndefined();
    }
  });

  it('does not exist without groundings, or for an action that is too long', () => {
    expect(found('Hold A-17')).toBeUndefined();
    expect(found(`Hold ${'x'.repeat(10_000)}`, grounding('orders', 'Hold {orderId}'))).toBeUndefined();
  });

  it('is never a use case that consists of params only', () => {
    expect(found('Sail away', grounding('orders', '{anything}'))).toBeUndefined();
  });
});

describe('params of a matched use case', () => {
  it('have the values of the action, as written there', () => {
    expect(paramsIn('move A-17 to New  York', 'Move {orderId} to {place}')).toEqual({
      orderId: 'A-17',
      place: 'New  York',
    });
  });

  it('may have any name', () => {
    expect(paramsIn('Hold A-17', 'Hold {order id}')).toEqual({ 'order id': 'A-17' });
    expect(paramsIn('Swap A-17 with A-17', 'Swap {a-1} with {a-1}')).toEqual({ 'a-1': 'A-17' });
    expect(paramsIn('Swap A-17 with A-18', 'Swap {a-1} with {a-1}')).toBeUndefined();
  });

  it('stay examples if the action equals the template, regardless of the names of its params', () => {
    expect(paramsIn('hold {orderid}', 'Hold {orderId}')).toEqual({ orderId: 'any orderId' });
    expect(paramsIn('Hold {id}', 'Hold {orderId}')).toEqual({ orderId: 'any orderId' });
    expect(paramsIn('Move {id} to York', 'Move {orderId} to {place}')).toEqual({
      orderId: 'any orderId',
      place: 'York',
    });
  });

  it('stay examples if the action is ambiguous', () => {
    expect(paramsIn('Move A to B to C', 'Move {what} to {place}')).toEqual({ what: 'any what', place: 'any place' });
  });

  it('that the action does not contain keep the value of the grounding', () => {
    const orders = grounding('orders', 'Hold {orderId}');
    const [useCase] = orders.useCases;
    if (!useCase) throw new Error('it has one');
    const extra = { ...orders, useCases: [{ ...useCase, params: { orderId: 'x', unit: 'kg' } }] };
    expect(matchGrounding([extra], 'Hold A-17')?.useCase.params).toEqual({ orderId: 'A-17', unit: 'kg' });
  });
});

describe('several use cases that match', () => {
  it('the one with the most words beside its params is chosen, regardless of its position', () => {
    const action = 'Hold stock for A-17';
    const wide = grounding('a-wide', 'Hold {anything}');
    const near = grounding('b-near', 'Hold {what} for {orderId}', 'Hold stock for {orderId}');
    expect(found(action, wide, near)).toBe('b-near: Hold stock for {orderId}');
    expect(found(action, near, wide)).toBe('b-near: Hold stock for {orderId}');
  });

  it('among equals the first is chosen: by name, then by position', () => {
    const [b, a] = [grounding('b', 'Hold {x}'), grounding('a', 'Hold {y}', 'Hold {z}')];
    expect(found('Hold A-17', b, a)).toBe('a: Hold {y}');
  });
});

describe('the nearest use cases', () => {
  it('share words with the action, the most similar first', () => {
    const orders = grounding('orders', 'Cancel the order {id}', 'Hold {id}', 'Ship the order {id} today');
    expect(nearestUseCases([orders, grounding('tea', 'Make tea')], 'Cancel the order now')).toEqual([
      { action: 'Cancel the order {id}', grounding: 'orders' },
      { action: 'Ship the order {id} today', grounding: 'orders' },
    ]);
    expect(nearestUseCases([orders], 'Cancel the order now', 1)).toHaveLength(1);
  });
});

it('the template of a use case is prepared once, not per action (E8)', () => {
  let reads = 0;
  const [useCase] = grounding('orders', 'Hold {orderId} in stock').useCases;
  const watched = Object.defineProperty({ ...useCase }, 'action', {
    get: () => {
      reads++;
      return 'Hold {orderId} in stock';
    },
  }) as typeof useCase & object;
  const groundings = [{ ...grounding('orders', ''), useCases: [watched] }];
  expect(matchGrounding(groundings, 'Fly')).toBeUndefined();
  const readsOnce = reads;
  for (let time = 0; time < 10; time++) expect(matchGrounding(groundings, `Fly ${time}`)).toBeUndefined();
  expect(reads).toBe(readsOnce);
});
