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

it('named services keep their order, by name or id, without those that do not exist', () => {
  expect(nearestServices('Fly', SERVICES, ['rocket', 'reply', 's_a', 'reply'])).toEqual(['reply', 'triage']);
});

it('without a known name, services are ranked by common words', () => {
  expect(nearestServices('Answers the ticket', SERVICES, ['rocket'])).toEqual(['reply', 'triage']);
  expect(nearestServices('Fly', SERVICES)).toEqual([]);
});
