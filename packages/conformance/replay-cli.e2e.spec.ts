/** Every request that the original CLI was recorded with, sent to our engine: it gets an answer of the recorded shape. */
import { silentLogger } from '@orra-ts/common';
import { createEngine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';
import { RecordedCliSession, recordedRuns, type Answered, type RecordedExchange } from './replay/recorded-cli';
import type { Json } from './replay/recording';
import { shapeDifferences } from './replay/same-shape';

type RecordedAnswer = Exclude<RecordedExchange['answer'], 'drop'>;
interface Difference {
  readonly because: string;
  /** What is expected instead. */
  readonly instead: (recorded: RecordedExchange['answer']) => RecordedAnswer;
}

const answerOf = (name: string): RecordedAnswer => {
  const answer = recordedRuns.find((run) => run.name === name)?.exchanges[0]?.answer;
  if (answer === undefined || answer === 'drop') throw new Error(`${name} was not answered`);
  return answer;
};
const plannedAtOnce: Difference = {
  because: 'a defined plan is there at once, so what is submitted runs when the answer is written',
  instead: (recorded) => {
    if (recorded === 'drop') return answerOf('verify-run');
    return { ...recorded, body: { ...recorded.body, status: 'processing' } };
  },
};

/** Where ours answers otherwise on purpose; everything else is as recorded. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'verify-run': plannedAtOnce,
  'verify-run-json-data': plannedAtOnce,
  'verify-run-quiet': plannedAtOnce,
  'ps-pending': {
    because: 'nothing is pending without a model that takes its time; the group itself is below',
    instead: () => answerOf('ps-running'),
  },
  'inspect-pending': {
    because: 'the original drops the connection; here this one runs already, and a pending one is below',
    instead: () => {
      const answer = answerOf('inspect-processing');
      return { ...answer, body: { ...answer.body, action: 'SLOW2500 slow-painter pends' } };
    },
  },
  'grounding-apply-no-validator': {
    because: 'groundings are checked without a PDDL validator, which has not to be installed',
    instead: () => answerOf('grounding-apply'),
  },
};

/** Go writes JSON as text in places. Here all JSON is said to be JSON, which no client of the original looks at. */
const contentTypeOf = ({ contentType }: RecordedAnswer): string | null =>
  contentType === undefined ? null : 'application/json';

const session = new RecordedCliSession();
beforeAll(() => session.hold());
afterAll(() => session.close());

const seen = ({ status, contentType, text }: Answered): unknown => ({ status, contentType, isEmpty: text === '' });

describe.each(recordedRuns.map((run) => [run.name, run] as const))('recorded run %s', (name, { exchanges }) => {
  const [{ method, path, answer } = {} as RecordedExchange] = exchanges;
  const difference = DIFFERENCES[name];
  const as = difference ? `as recorded, except that ${difference.because}` : 'as recorded';

  it(`${method} ${path} is answered ${as}`, () => {
    expect(exchanges).toHaveLength(1);
    const expected = difference ? difference.instead(answer) : answer;
    if (expected === 'drop') throw new Error('the original gave no answer: say above what is expected');
    const ours = session.answers.get(name);
    if (!ours) throw new Error('the session did not send it');
    expect(seen(ours)).toEqual({
      status: expected.status,
      contentType: contentTypeOf(expected),
      isEmpty: expected.body === undefined,
    });
    expect({ differences: shapeDifferences(expected.body, ours.body), got: ours.body }).toEqual({
      differences: [],
      got: ours.body,
    });
  });
});

it('an orchestration that is still being planned is listed as recorded, and inspected rather than dropped', async () => {
  let release: () => void = () => undefined;
  const planned = new Promise<void>((resolve) => (release = resolve));
  const engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    planner: { plan: () => planned.then(() => ({ kind: 'not_actionable', reason: 'enough' })) },
  });
  const { apiKey } = await engine.createProject({ name: 'shop' });
  const service = new FakeService({ url: engine.url, apiKey, name: 'slow-painter' });
  await service.register();
  const headers = { authorization: `Bearer ${apiKey}` };
  const ask = async (target: string): Promise<Json> => (await fetch(engine.url + target, { headers })).json();
  const body = JSON.stringify({ action: { Content: 'SLOW2500 slow-painter pends' }, data: null });
  const submitted = fetch(`${engine.url}/orchestrations`, { method: 'POST', headers, body });

  let list: Json = {};
  while (!list.pending) list = await ask('/orchestrations');
  const { pending } = answerOf('ps-pending').body as { pending: Json[] };
  expect(shapeDifferences({ pending }, list)).toEqual([]);
  const inspection = await ask(`/orchestrations/inspections/${list.pending[0].id}`);
  expect(shapeDifferences({ ...pending[0], duration: 1 }, inspection)).toEqual([]);

  release();
  expect((await submitted).status).toBe(400);
  await engine.close();
});
