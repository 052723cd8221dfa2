/** Sends every recorded request of the Go CLI to our engine, and compares the shape of the response with the recording. */
import { silentLogger } from '@orra-ts/common';
import { createEngine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';
import { RecordedCliSession, recordedRuns, type Answered, type RecordedExchange } from './replay/recorded-cli';
import type { Json } from './replay/recording';
import { shapeDifferences } from './replay/same-shape';

type RecordedAnswer = Exclude<RecordedExchange['answer'], 'drop'>;
interface Difference {
  readonly reason: string;
  /** The expected response. */
  readonly instead: (recorded: RecordedExchange['answer']) => RecordedAnswer;
}

const answerOf = (name: string): RecordedAnswer => {
  const answer = recordedRuns.find((run) => run.name === name)?.exchanges[0]?.answer;
  if (answer === undefined || answer === 'drop') throw new Error(`${name} has no recorded response`);
  return answer;
};
const plannedAtOnce: Difference = {
  reason: 'a defined plan is available at once, so the orchestration already runs when the response is written',
  instead: (recorded) => {
    if (recorded === 'drop') return answerOf('verify-run');
    return { ...recorded, body: { ...recorded.body, status: 'processing' } };
  },
};

const partialIsListed: Difference = {
  reason: 'a partial revert is on the list, too: operators need to know what remains',
  instead: (recorded) => {
    if (recorded === 'drop') return answerOf('comp-fail-ls');
    const [{ failure: _, resolution: __, ...first }] = recorded.body as [Json];
    const remains = { completed: ['half'], remaining: ['the other half'] };
    const partial = { ...first, ...remains, status: 'partial', resolutionState: 'pending', attemptsMade: 1 };
    return { ...recorded, body: [...(recorded.body as Json[]), partial] };
  },
};

/** Intended differences from the recording. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'verify-run': plannedAtOnce,
  'verify-run-json-data': plannedAtOnce,
  'verify-run-quiet': plannedAtOnce,
  'comp-fail-ls': partialIsListed,
  'comp-fail-ls-all': partialIsListed,
  'comp-fail-ls-default-after': partialIsListed,
  'comp-fail-ls-filters': partialIsListed,
  'ps-pending': {
    reason: 'without a slow model nothing is pending; a test below covers the pending group',
    instead: () => answerOf('ps-running'),
  },
  'inspect-pending': {
    reason:
      'the Go engine drops the connection; here the orchestration already runs, and a test below covers a pending one',
    instead: () => {
      const answer = answerOf('inspect-processing');
      return { ...answer, body: { ...answer.body, action: 'SLOW2500 slow-painter pends' } };
    },
  },
  'grounding-apply-no-validator': {
    reason: 'our engine checks groundings without a PDDL validator',
    instead: () => answerOf('grounding-apply'),
  },
};

/** The Go engine sends some JSON as text/plain; ours always sends application/json. Clients of the Go engine ignore the type. */
const contentTypeOf = ({ contentType }: RecordedAnswer): string | null =>
  contentType === undefined ? null : 'application/json';

const session = new RecordedCliSession();
beforeAll(() => session.hold());
afterAll(() => session.close());

const seen = ({ status, contentType, text }: Answered): unknown => ({ status, contentType, isEmpty: text === '' });

describe.each(recordedRuns.map((run) => [run.name, run] as const))('recorded run %s', (name, { exchanges }) => {
  const [{ method, path, answer } = {} as RecordedExchange] = exchanges;
  const difference = DIFFERENCES[name];
  const as = difference ? `as recorded, except that ${difference.reason}` : 'as recorded';

  it(`${method} ${path}: the response is ${as}`, () => {
    expect(exchanges).toHaveLength(1);
    const expected = difference ? difference.instead(answer) : answer;
    if (expected === 'drop') throw new Error('the Go engine did not respond: add the expected response to DIFFERENCES');
    const ours = session.answers.get(name);
    if (!ours) throw new Error('the session did not send this request');
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

it('an orchestration that is still being planned is listed as recorded, and its inspection gets a response', async () => {
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
