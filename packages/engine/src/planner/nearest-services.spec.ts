import type { ServiceId } from '@orra-ts/protocol';
import { nearestServices } from './nearest-services';
import type { PlannableService } from '../domain/plan/plan-services';

const service = (id: string, name: string, description: string): PlannableService => ({
  id: id as ServiceId,
  name,
  description,
  schema: { input: { type: 'object' }, output: { type: 'object' } },
  revertible: false,
  updatedAt: 1,
});
const SERVICES = [
  service('s_a', 'triage', 'Classifies a ticket'),
  service('s_b', 'reply', 'Answers a ticket in words'),
  service('s_c', 'refund', 'Pays money back'),
];

it('those that are named come in the order they were named in, by name or id, without those that are not there', () => {
  expect(nearestServices('Fly', SERVICES, ['rocket', 'reply', 's_a', 'reply'])).toEqual(['reply', 'triage']);
});

it('without a name that is known the words decide, the most in common first', () => {
  expect(nearestServices('Answers the ticket', SERVICES, ['rocket'])).toEqual(['reply', 'triage']);
  expect(nearestServices('Fly', SERVICES)).toEqual([]);
});
