import type { ServiceId, Spec } from '@orra-ts/protocol';
import type { GroundingHit } from '../domain/orchestration/planning-record';
import { coverageProblems } from './grounding-coverage';
import type { PlannableService } from '../domain/plan/plan-services';
import type { ResolvedPlan } from '../domain/plan/resolved-plan';

function service(name: string, description: string, input: Spec = { type: 'object' }): PlannableService {
  const id = `s_${name}` as ServiceId;
  return { id, name, description, schema: { input, output: { type: 'object' } }, revertible: false, updatedAt: 1 };
}

const HOLDER = service('stock-holder', 'Holds goods');
const PAYER = service('payer', 'Takes the money of a customer', {
  type: 'object',
  properties: {
    lines: { type: 'array', items: { type: 'object', properties: { vat: { type: 'number', description: 'taxes' } } } },
  },
});

const planOf = (...services: readonly PlannableService[]): ResolvedPlan => ({
  tasks: services.map(({ id, name, description, schema }, index) => ({
    id: `task${index + 1}`,
    serviceId: id,
    serviceName: name,
    capability: description,
    input: {},
    dependsOn: [],
    inputSpec: schema.input,
    outputSpec: schema.output,
    revertible: false,
  })),
  parallelGroups: [services.map((_, index) => `task${index + 1}`)],
  taskZero: {},
});

const hit = (...capabilities: readonly string[]): GroundingHit => ({
  name: 'orders',
  domain: 'shop',
  version: '1.0',
  useCase: { action: 'Order', params: {}, capabilities, intent: 'goods' },
  constraints: [],
});

describe('a required capability', () => {
  it('is covered by the words of services of the plan, including those of their fields', () => {
    const check = coverageProblems(hit('hold goods', 'take money', 'tax'), planOf(HOLDER, PAYER), [], []);
    expect(check).toEqual({
      coverage: [
        { capability: 'hold goods', service: 'stock-holder', by: 'words' },
        { capability: 'take money', service: 'payer', by: 'words' },
        { capability: 'tax', service: 'payer', by: 'words' },
      ],
      problems: [],
    });
  });

  it('must be covered by one service, not by parts of two', () => {
    expect(coverageProblems(hit('money for goods'), planOf(HOLDER, PAYER), [], []).coverage).toEqual([]);
  });

  it('is covered if a model claims it for a service of its plan, by id or name', () => {
    const plan = planOf(HOLDER, PAYER);
    const claims = [
      { capability: ' Keep  things aside', service: 'S_STOCK-HOLDER ' },
      { capability: 'charge', service: 'payer' },
    ];
    expect(coverageProblems(hit('keep things aside', 'charge'), plan, claims, []).coverage).toEqual([
      { capability: 'keep things aside', service: 'stock-holder', by: 'model' },
      { capability: 'charge', service: 'payer', by: 'model' },
    ]);
  });

  it('is not covered by a claim for a service outside the plan, or for another capability', () => {
    const claims = [
      { capability: 'charge', service: 'payer' },
      { capability: 'sail', service: 'stock-holder' },
    ];
    const { coverage, problems } = coverageProblems(hit('charge'), planOf(HOLDER), claims, [HOLDER, PAYER]);
    expect(coverage).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it('is recorded as covered by words even if it is claimed as well', () => {
    const claims = [{ capability: 'hold goods', service: 'payer' }];
    expect(coverageProblems(hit('hold goods'), planOf(PAYER, HOLDER), claims, []).coverage).toEqual([
      { capability: 'hold goods', service: 'stock-holder', by: 'words' },
    ]);
  });
});

describe('a capability that is not covered', () => {
  it('is reported once, with the services of the plan and those that would cover it', () => {
    const { coverage, problems } = coverageProblems(
      hit('take money', 'sail', 'hold goods', 'sail'),
      planOf(HOLDER, HOLDER),
      [],
      [HOLDER, PAYER],
    );
    expect(coverage).toEqual([{ capability: 'hold goods', service: 'stock-holder', by: 'words' }]);
    expect(problems.map(({ message }) => message)).toEqual([
      'no service of the plan describes the capability "take money", which the use case requires; it would be covered by payer. The plan has stock-holder (Holds goods)',
      'no service of the plan describes the capability "sail", which the use case requires; no other service of the project describes it either. The plan has stock-holder (Holds goods)',
    ]);
  });

  it('is reported in a message of bounded length', () => {
    const many = Array.from({ length: 150 }, (_, index) => service(`worker-${index}`, 'Works. '.repeat(1000)));
    const capabilities = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    const { problems } = coverageProblems(hit(...capabilities), planOf(...many.slice(0, 50)), [], many);
    expect(problems).toHaveLength(100);
    expect(Math.max(...problems.map(({ message }) => message.length))).toBeLessThanOrEqual(500);
  });
});

describe('many services and claims (E8)', () => {
  /** Counts how often a member is read. */
  function counted<T extends object>(of: T, name: keyof T): { readonly watched: T; readonly reads: () => number } {
    let reads = 0;
    const value = of[name];
    const get = (): unknown => {
      reads++;
      return value;
    };
    return { watched: Object.defineProperty({ ...of }, name, { get, enumerable: true }), reads: () => reads };
  }

  it('the descriptions of a registered service are read once, inside or outside the plan', () => {
    const inputs = [counted({ ...HOLDER.schema }, 'input'), counted({ ...PAYER.schema }, 'input')];
    const [holder, payer] = [HOLDER, PAYER].map((one, index) => ({
      ...one,
      schema: inputs[index]?.watched ?? one.schema,
    }));
    const plan = planOf(holder ?? HOLDER);
    const check = (): unknown => coverageProblems(hit('teleport whales'), plan, [], [holder ?? HOLDER, payer ?? PAYER]);
    const readsOf = (): number[] => {
      const before = inputs.map(({ reads }) => reads());
      check();
      return inputs.map(({ reads }, index) => reads() - (before[index] ?? 0));
    };
    const [first, second] = [readsOf(), readsOf()];
    // The comparison with the registered service happens every time.
    expect([first, second]).toEqual([
      [2, 1],
      [1, 0],
    ]);
  });

  it('each claim is read once, regardless of how much the use case requires', () => {
    const { watched, reads } = counted({ capability: 'nope', service: 'payer' }, 'capability');
    const claims = [
      ...Array.from({ length: 1_000 }, () => watched),
      { capability: ' Move  it 7 ', service: 'S_PAYER' },
    ];
    const capabilities = Array.from({ length: 50 }, (_, index) => `move it ${index}`);
    const { coverage, problems } = coverageProblems(hit(...capabilities), planOf(HOLDER, PAYER), claims, []);
    expect(coverage).toEqual([{ capability: 'move it 7', service: 'payer', by: 'model' }]);
    expect([problems.length, reads()]).toEqual([49, 1_000]);
  });
});
