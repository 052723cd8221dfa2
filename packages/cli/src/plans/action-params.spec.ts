import { actionParams } from './action-params';

const made = (action: string, data: Record<string, unknown>) => actionParams(action, data).action;

describe('values that are words of the action become params', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['Ship order A-17', { orderId: 'A-17' }, 'Ship order {orderId}'],
    ['Ship 2 of sku-9, now!', { quantity: 2, sku: 'sku-9' }, 'Ship {quantity} of {sku}, now!'],
    ['Send "A-17" (A-17) to A-17’s owner.', { id: 'A-17' }, 'Send "{id}" ({id}) to {id}’s owner.'],
    ['Fly to New York', { city: 'New York', state: 'York' }, 'Fly to {city}'],
    ['Set express to true', { express: true }, 'Set express to {express}'],
    ['Adjust by -5', { by: -5 }, 'Adjust by {by}'],
    ['把A-17发货', { id: 'A-17' }, '把{id}发货'],
    ['Cost (a+b)*c', { formula: '(a+b)*c' }, 'Cost {formula}'],
  ])('%s', (action, data, expected) => {
    expect(made(action, data)).toBe(expected);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['a part of a word', 'Ship A-17 at 1.5 of 12', { a: '17', b: 1, c: 'A', d: 2, e: 5 }],
    ['another case', 'Fly to ROME', { city: 'Rome' }],
    ['an array or null', 'Ship a,b', { items: ['a', 'b'], nothing: null }],
    ['a number without its sign', 'Adjust by -5', { by: 5 }],
    ['a name that is not valid for a param', 'Ship A-17', { 'order-id': 'A-17' }],
    ['a value of more than 200 characters', `Say ${'x'.repeat(201)}`, { text: 'x'.repeat(201) }],
    ['the whole action', 'A-17', { orderId: 'A-17' }],
    ['whitespace', 'Ship  it', { a: ' ', b: '' }],
  ])('but not %s', (_, action, data) => {
    expect(made(action, data)).toBe(action);
  });
});

it('a value of several fields stays for the reviewer', () => {
  expect(actionParams('Move 3 from A to A', { from: 'A', to: 'A', count: 3 })).toEqual({
    action: 'Move {count} from A to A',
    names: ['count'],
    ambiguous: [{ text: 'A', fields: ['from', 'to'] }],
    unknown: [],
  });
});

it('existing params of the action stay, and those that are not fields are reported', () => {
  expect(actionParams('Ship {orderId} of order to {city}', { orderId: 'order' })).toMatchObject({
    action: 'Ship {orderId} of {orderId} to {city}',
    names: ['orderId'],
    unknown: ['city'],
  });
});
