/**
 * Plays recorded sessions of the public SDKs and of HTTP clients against our engine, and compares its responses and
 * messages with those of the Go engine, line by line. Intended improvements are listed here, with the reason.
 */
import { modelReply, type ModelScript } from '@orra-ts/fakes';
import { EngineReplay } from './replay/engine-replay';
import { loadRecording, type Amendment, type Json, type Step } from './replay/recording';

const SAME: readonly (readonly [recording: string, shows: string])[] = [
  ['js-echo', 'the JS SDK registers, connects, completes a task and disconnects'],
  ['py-echo', 'the Python SDK does the same'],
  ['two-step-chain', 'a service and an agent; the second task gets the output of the first'],
  ['parallel-diamond', 'two concurrent tasks between two others, inspected while they run'],
  ['push-update-js', 'updates of the JS SDK'],
  ['push-update-py', 'updates of the Python SDK'],
  ['abort-compensation-js', "an abort, and the JS SDK's form of compensation data"],
  ['abort-compensation-py', "an abort, and the Python SDK's form of compensation data"],
  ['failure-compensation-js', 'five attempts with increasing back-off, then compensation, with the JS SDK'],
  ['failure-compensation-py', 'five attempts with increasing back-off, then compensation, with the Python SDK'],
  ['revert-failed-status-js', 'a failed revert that the JS SDK itself reports as completed'],
  ['retries-js', 'five attempts under one key, each with a different execution id'],
  ['heartbeat-js', 'both kinds of ping, every 54 s'],
  ['ack-rules', 'which messages are acknowledged'],
];

it.each(SAME)('%s: responses are as recorded: %s', async (recording) => {
  expect(await EngineReplay.play(recording)).toEqual([]);
});

describe('with a model', () => {
  it('not-actionable: responses are as recorded, and the list has the action that cannot be planned', async () => {
    expect(
      await EngineReplay.play('not-actionable', { model: () => modelReply.notActionable('no service can do this') }),
    ).toEqual([]);
  });

  it('plan-cache: responses are as recorded; the same action with another value reuses the plan with that value', async () => {
    let asked = 0;
    const model: ModelScript = () => {
      asked++;
      return modelReply.plan({ tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] });
    };
    expect(await EngineReplay.play('plan-cache', { model })).toEqual([]);
    expect(asked).toBe(1);
  });
});

// ---- improvements

const change =
  (edit: (body: Json) => void) =>
  (step: Step): Step => {
    edit(step.answer?.body);
    return step;
  };
const drop = (...lines: number[]): Pick<Amendment, 'line' | 'replace'>[] =>
  lines.map((line) => ({ line, replace: () => [] }));

/** Replaces a string everywhere in a step: an id of one attempt by that of another. */
const replaced = (step: Step, from: string, to: string): Step =>
  JSON.parse(JSON.stringify(step).replaceAll(from, to)) as Step;

/** Returns the random part of an id that does not occur in a recording. */
const fresh = (): string => 'A'.repeat(20) + ('BCDEFGH'[Math.floor(count / 7)] ?? '') + ('BCDEFGH'[count++ % 7] ?? '');
let count = 0;

interface Improvement {
  readonly recording: string;
  readonly claim: string;
  readonly reason: string;
  readonly amendments: readonly Omit<Amendment, 'reason'>[];
}

const lastOf = (history: Json[]): Json => history[history.length - 1];

const IMPROVEMENTS: readonly Improvement[] = [
  {
    recording: 'partial-compensation-js',
    claim: 'the inspection of a partial compensation names what was reverted and what remains',
    reason: 'partially reverted work is not reverted: an operator needs to know the rest',
    amendments: [
      {
        line: 16,
        replace: change(({ tasks: [task] }) => {
          Object.assign(task.compensation, { completed: ['m1'], remaining: ['m2'] });
        }),
      },
    ],
  },
  {
    recording: 'timeout-then-late-result',
    claim: 'a result that arrived during the back-off is shown as completed',
    reason: 'the Go engine writes the zero value of its status, `registered`, although the task is completed',
    amendments: [
      {
        line: 8,
        replace: change(({ tasks: [task] }) => {
          task.status = lastOf(task.statusHistory).status = 'completed';
        }),
      },
    ],
  },
  {
    recording: 'lost-mid-attempt',
    claim: 'a paused task continues in the same attempt',
    reason:
      'a paused attempt keeps its execution id, so that a service that was disconnected can respond with the id it has',
    amendments: [10, 11].map((line) => ({
      line,
      replace: (step, recorded) =>
        replaced(step, recorded(10).engine.executionId as string, recorded(5).engine.executionId as string),
    })),
  },
  {
    recording: 'offline-result-js',
    claim:
      'a result sent without its wrapper is ignored as before, and requested at the reconnect, not after a timeout',
    reason:
      'the Go engine waits until the attempt times out (7 s in the recording), although the service has reconnected',
    amendments: [
      ...[10, 11, 12].map((line): Omit<Amendment, 'reason'> => ({
        line,
        replace: (step, recorded) => ({
          ...replaced(step, recorded(10).engine.executionId as string, recorded(5).engine.executionId as string),
          t: recorded(9).t,
        }),
      })),
      {
        line: 13,
        replace: change(({ tasks: [task] }) => {
          const [, second] = task.statusHistory;
          second.status = 'paused';
          second.error = `service ${task.serviceId} is not healthy`;
        }),
      },
    ],
  },
  {
    recording: 'offline-result-py',
    claim: 'a task whose socket was lost is sent on the next one, and its result counts once',
    reason:
      'the Go engine waits for the timeout of such a task; the SDK responds to the duplicate from memory, with no effect',
    amendments: [
      { line: 8, replace: (step, recorded) => [step, { ...recorded(5), conn: 2, t: step.t }] },
      {
        line: 10,
        replace: (step, recorded) => {
          const [first, again] = ['msg_1_', 'msg_2_'];
          return [step, recorded(9), step].map((line, index) => (index === 0 ? line : replaced(line, first, again)));
        },
      },
    ],
  },
  {
    recording: 'duplicate-connection',
    claim: 'when the older of two connections closes, the newer one gets the next task',
    reason: 'the Go engine forgets a service when any of its connections closes',
    amendments: [
      ...drop(17, 18, 21, 22, 23, 24),
      ...[19, 20, 25, 26, 27, 29].map((line): Omit<Amendment, 'reason'> => ({
        line,
        replace: (step, recorded) => ({ ...step, conn: 2, t: recorded(16).t }),
      })),
      {
        line: 28,
        replace: (step, recorded) => ({
          ...change(({ tasks: [task] }) => task.statusHistory.splice(0, 3))(step),
          t: recorded(16).t,
        }),
      },
    ],
  },
  {
    recording: 'late-branch-not-compensated',
    claim: 'a branch that finishes after another one aborted is compensated',
    reason: 'the Go engine records its result and does not compensate it',
    amendments: [
      { line: 11, replace: change(({ tasks }) => markCancelled(tasks[1])) },
      {
        line: 13,
        replace: (step, recorded) => {
          const { payload } = recorded(12).sdk;
          const { orchestrationId } = recorded(14).answer!.body.tasks[1].statusHistory[0];
          const ids = {
            executionId: `e_comp_${fresh()}`,
            idempotencyKey: 'a'.repeat(64),
            serviceId: payload.serviceId,
          };
          const compensationContext = {
            orchestrationId,
            reason: 'aborted',
            payload: { reason: 'stop' },
            timestamp: '2026-11-22T09:35:04.26881719Z',
          };
          const input = payload.result.compensation.data;
          const result = { status: 'completed' };
          return [
            step,
            { ...step, engine: { type: 'compensation_request', id: 'task2', input, compensationContext, ...ids } },
            {
              t: step.t,
              conn: 2,
              sdk: { id: 'm2', payload: { type: 'task_result', taskId: 'task2', ...ids, result, error: null } },
            },
            { ...step, engine: { type: 'ACK', id: 'm2' } },
          ];
        },
      },
      {
        line: 14,
        replace: change(({ tasks: [, task] }) => {
          const [processing, , late] = task.statusHistory;
          task.status = late.status = 'completed';
          task.statusHistory = [processing, late];
          // The form of a compensated task in another recording.
          const inspected = loadRecording('abort-compensation-js').findLast(({ answer }) => answer?.body.tasks);
          const { compensation, compensationHistory } = inspected!.answer!.body.tasks[0];
          Object.assign(task, { compensation });
          task.compensationHistory = JSON.parse(JSON.stringify(compensationHistory).replaceAll('task1', 'task2'));
        }),
      },
      { line: 15, replace: change(({ aborted: [one] }) => void (one.compensation.completed = 1)) },
    ],
  },
  {
    recording: 'resend-after-failure',
    claim: 'no task is sent after the end of the orchestration',
    reason: 'the Go engine cancels the other branch but not its retries',
    amendments: [
      { line: 11, replace: change(({ tasks }) => markCancelled(tasks[1])) },
      ...drop(13, 14, 15, 16),
      { line: 17, replace: change(({ tasks }) => markCancelled(tasks[1])) },
    ],
  },
  {
    recording: 'abort-redelivered-js',
    claim: 'an abort that arrived during the back-off counts',
    reason: 'the Go engine drops it, sends the task again, and treats the response of the JS SDK as a success',
    amendments: [
      ...drop(8, 9, 10),
      {
        line: 11,
        replace: change((body) => {
          const [task] = body.tasks;
          const { id: taskId, serviceId, serviceName, output: payload } = task;
          body.status = task.status = 'aborted';
          body.abortInfo = { taskId, serviceId, serviceName, payload };
          body.results = [null];
          delete task.output;
          task.abortPayload = payload;
          task.statusHistory.splice(2, 1);
          lastOf(task.statusHistory).status = 'aborted';
        }),
      },
    ],
  },
  {
    recording: 'result-shapes',
    claim: 'an invalid result fails its attempt, and the next attempt can succeed',
    reason: 'the Go engine ends the orchestration at once or never',
    amendments: [
      retried(30, 'the service sent a malformed task_result: result is missing or has the wrong type'),
      retried(36, 'the service sent a malformed task_result: result is missing or has the wrong type'),
      ...[42, 48].map((line) =>
        retried(
          line,
          'the service responded without `result.task`: a handler must return its output, and a failure needs a non-empty error',
        ),
      ),
    ].flat(),
  },
  {
    recording: 'register-again',
    claim:
      'a saved id is accepted, an unknown id is refused with the message that SDKs look for, an invalid schema is refused',
    reason: 'our engine has a different message for the schema, and accepts fractional bounds',
    amendments: [
      {
        line: 13,
        replace: change(({ error }) => {
          error.message =
            'service validation error: schema.output.properties: INVALID(an object needs at least one property)';
        }),
      },
      {
        line: 14,
        replace: (step) => ({
          ...step,
          answer: {
            status: 200,
            body: { id: `s_${'b'.repeat(28)}`, name: 'bad', revertible: false, status: 'registered', version: 1 },
          },
        }),
      },
    ],
  },
  {
    recording: 'groundings',
    claim: 'in a strict project, groundings apply to defined plans as they do to plans of a model',
    reason: 'our engine is strict only on request, needs no model, and adds a remedy to the message',
    amendments: [
      {
        line: 4,
        replace: (step) => [
          {
            t: step.t,
            http: 'PUT /settings',
            body: { groundings: 'strict' },
            answer: { status: 200, body: { groundings: 'strict' } },
          },
          defining('use', 'Use stock-holder for {orderId}', step.t),
          defining('paint', 'Paint the house', step.t),
          defining('sail', 'Sail away with stock-holder', step.t),
          step,
        ],
      },
      { line: 7, replace: saying('name', ' must be 3 to 63 characters long, it has 1') },
      {
        line: 15,
        replace: saying(
          'cannot match grounding specs against orchestration action: no matching use-case found',
          "; no use case is similar. The project's groundings are strict: apply one with a use case for this action, or set them to guide",
        ),
      },
      { line: 17, replace: change((body) => void (body.constraints = [])) },
      {
        line: 18,
        replace: saying(
          'execution plan is invalid against domain: ',
          'no service of the plan describes the capability "sails", which the use case requires; no other service of the ' +
            'project describes it either. The plan has stock-holder (does stock-holder)',
        ),
      },
    ],
  },
  {
    recording: 'revert-failed-status-js',
    claim: 'a revert result with status `failed`, as the Python SDK sends it, counts as failed',
    reason: 'the Go engine records every status but `partial` as completed',
    amendments: [
      {
        line: 14,
        replace: (step) => {
          step.sdk.payload.result = { status: 'failed', error: 'the warehouse is closed' };
          return step;
        },
      },
      {
        line: 16,
        replace: change(({ tasks: [task] }) => {
          const last = lastOf(task.compensationHistory);
          task.compensation.status = last.status = 'failed';
          last.id = 'comp_fail_task1_1';
          last.error = 'the warehouse is closed';
        }),
      },
    ],
  },
];

/** Returns a step that defines a plan of one task. */
function defining(name: string, action: string, t: number): Step {
  const plan = { tasks: [{ id: 'task1', service: 'stock-holder', input: { orderId: '$task0.orderId' } }] };
  const input = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };
  const body = { name, action, input, plan };
  const answer = { status: 200, body: { ...body, version: 1, createdAt: '2026-11-22T09:35:03Z' } };
  return { t, http: `PUT /plans/${name}`, body, answer };
}

/** Keeps the recorded beginning of an error message, and appends our own part. */
function saying(beginning: string, ours: string): (step: Step) => Step {
  return change(({ error }) => {
    expect(error.message.slice(0, beginning.length)).toBe(beginning);
    error.message = beginning + ours;
  });
}

/** Marks a task as cancelled because its orchestration ended while it ran. */
function markCancelled(task: Json): void {
  task.status = 'cancelled';
  task.statusHistory = task.statusHistory.slice(0, 1);
  delete task.error;
}

/** Repeats the task request of a line after its response, with a valid response; the inspection then shows both attempts. */
function retried(line: number, error: string): Omit<Amendment, 'reason'>[] {
  const output = { response: 'at last' };
  return [
    {
      line: line + 2,
      replace: (step, recorded) => {
        const { engine } = recorded(line);
        const { sdk } = recorded(line + 1);
        const executionId = `e_${fresh()}`;
        const id = `${sdk.id}-again`;
        const later = { ...step, t: step.t + 2_000 };
        return [
          step,
          { ...later, engine: { ...engine, executionId } },
          { t: later.t, conn: 1, sdk: { id, payload: { ...sdk.payload, executionId, result: { task: output } } } },
          { ...later, engine: { type: 'ACK', id } },
        ];
      },
    },
    {
      line: line + 3,
      replace: change((body) => {
        const [task] = body.tasks;
        const [first] = task.statusHistory;
        const event = (status: string): Json => ({ ...first, id: `evt_task1_${fresh()}`, status });
        delete body.error;
        body.status = task.status = 'completed';
        body.results = [output];
        task.output = output;
        task.statusHistory = [first, { ...event('failed'), error }, event('processing'), event('completed')];
      }),
    },
  ];
}

it.each(IMPROVEMENTS)('$recording: $claim; $reason', async ({ recording, reason, amendments }) => {
  const problems = await EngineReplay.play(recording, {
    amendments: amendments.map((amendment) => ({ ...amendment, reason })),
  });
  expect(problems).toEqual([]);
});

describe('a replay reports', () => {
  const play = (recording: string, line: number, replace: Amendment['replace']): Promise<string[]> =>
    EngineReplay.play(recording, { amendments: [{ line, reason: 'the replay must report it', replace }] });
  const engineSays =
    (edit: (message: Json) => void): Amendment['replace'] =>
    (step) => {
      edit(step.engine);
      return step;
    };

  it.each<[what: string, recording: string, line: number, replace: Amendment['replace'], problem: RegExp]>([
    [
      'another value',
      'js-echo',
      5,
      engineSays((message) => (message.input.message = 'x')),
      /\/input\/message: recorded "x"/,
    ],
    ['a missing member', 'js-echo', 5, engineSays((message) => (message.attempt = 1)), /\/attempt: missing/],
    [
      'an additional member',
      'js-echo',
      5,
      engineSays((message) => delete message.input),
      /\/input: not in the recording/,
    ],
    ['another status', 'js-echo', 2, (step) => ({ ...step, answer: { ...step.answer, status: 201 } }), /\/status/],
    [
      'another inspection',
      'js-echo',
      8,
      change((body) => (body.tasks[0].isRevertible = true)),
      /\/tasks\/0\/isRevertible/,
    ],
    ['an additional message', 'js-echo', 7, () => [], /not in the recording: {"type":"ACK"/],
    [
      'a new id in place of a repeated one',
      'retries-js',
      8,
      (step, recorded) => ({ ...step, engine: recorded(5).engine }),
      /\/executionId/,
    ],
    [
      'a repeated id in place of a new one',
      'retries-js',
      8,
      engineSays((message) => (message.idempotencyKey = 'b'.repeat(64))),
      /\/idempotencyKey/,
    ],
    [
      'an early message',
      'retries-js',
      8,
      (step) => ({ ...step, t: step.t + 2_000 }),
      /less than 0.75 of the recorded wait/,
    ],
  ])('%s', async (_, recording, line, replace, problem) => {
    expect((await play(recording, line, replace)).join('\n')).toMatch(problem);
  });
});
