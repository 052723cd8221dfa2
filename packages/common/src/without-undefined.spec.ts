import { withoutUndefined } from './without-undefined';

it('removes undefined members and keeps null, empty and false ones in their order', () => {
  const members = withoutUndefined({ b: null, a: undefined, c: '', d: false, e: 0 });
  expect(Object.entries(members)).toEqual([
    ['b', null],
    ['c', ''],
    ['d', false],
    ['e', 0],
  ]);
});

it('does not override a default with undefined', () => {
  const options: { limit?: number; name?: string } = { limit: undefined, name: 'a' };
  expect({ limit: 5, ...withoutUndefined(options) }).toEqual({ limit: 5, name: 'a' });
});
