import { OrraAgent, OrraService } from './service';
import { isOrraService } from './is-orra-service';

@OrraService({ name: 'inventory', description: 'Keeps the stock' })
class Inventory {}

@OrraAgent({ name: 'support', description: 'Answers questions' })
class Support {}

class SpecialInventory extends Inventory {}
class Plain {}

it.each([
  ['a class with @OrraService', Inventory],
  ['a class with @OrraAgent', Support],
  ['an instance of a service', new Inventory()],
  ['an instance of an agent', new Support()],
])('%s is a service', (_, target) => {
  expect(isOrraService(target)).toBe(true);
});

it.each<[string, unknown]>([
  ['a subclass without its own annotation', SpecialInventory],
  ['an instance of such a subclass', new SpecialInventory()],
  ['a class without an annotation', Plain],
  ['a plain object', { name: 'inventory' }],
  ['an object without a prototype', Object.create(null)],
  ['a prototype of a service', Inventory.prototype],
  ['an object whose own member names a service', { constructor: Inventory }],
  ['a function', () => undefined],
  ['undefined', undefined],
  ['null', null],
  ['a string', 'inventory'],
])('%s is not a service', (_, target) => {
  expect(isOrraService(target)).toBe(false);
});
