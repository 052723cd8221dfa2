/** Every recorded message is parsed as its type without loss; the malformed ones are listed. */
import { COMPENSATION_STATUSES_SEEN, ORCHESTRATION_STATUSES_SEEN, TASK_STATUSES_SEEN } from './statuses-seen';
import {
  canonicalMembers,
  encodeMessage,
  GO_ENGINE_MAX_MESSAGE_BYTES,
  NO_OUTPUT_ERROR,
  type OrchestrationInspection,
  type OrchestrationList,
  type OrchestrationView,
  parseEngineMessage,
  parseServiceMessage,
  parseValue,
  parseWireDuration,
  PONG_MESSAGE_ID,
  ProjectRegisteredSchema,
  ProjectRegistrationSchema,
  readAckId,
  readRevertOutcome,
  readTaskOutcome,
  schemaProblems,
  SERVICE_MESSAGE_SCHEMAS,
  ServiceRegisteredSchema,
  ServiceRegistrationSchema,
  type Submission,
  SubmissionSchema,
  type TaskResult,
} from '../src';
import { type RecordedMessage, bodiesOf, placeOf, recordedMessages } from './recordings';

const messageAt = (place: string): RecordedMessage => {
  const message = recordedMessages.find((candidate) => placeOf(candidate) === place);
  if (!message) throw new Error(`nothing was recorded at ${place}`);
  return message;
};
const textOf = ({ body }: RecordedMessage): string => JSON.stringify(body);
const resultAt = (place: string): TaskResult => {
  const parsed = parseServiceMessage(textOf(messageAt(place)));
  if (!parsed.ok || parsed.value.payload.type !== 'task_result') throw new Error(`${place} is not a task_result`);
  return parsed.value.payload;
};

/** Messages that `parseServiceMessage` refuses; with `ackId` if the Go engine acknowledged the message anyway. */
const MALFORMED: [place: string, what: string, code: string, path: string, ackId: string | undefined][] = [
  ['ack-rules:8', 'no wrapper', 'no_wrapper', '/payload', undefined],
  ['ack-rules:13', 'id is a number', 'invalid_member', '/id', undefined],
  ['ack-rules:15', 'unknown type', 'unknown_type', '/payload/type', 'a1'],
  ['ack-rules:18', 'payload is null', 'no_type', '/payload/type', 'a2'],
  ['ack-rules:34', 'error is an object', 'invalid_member', '/payload/error', undefined],
  ['ack-rules:36', 'taskId is a number', 'invalid_member', '/payload/taskId', undefined],
  ['result-shapes:51', 'result is a text', 'invalid_member', '/payload/result', 'm5'],
  ['result-shapes:61', 'result is missing', 'invalid_member', '/payload/result', 'm6'],
  ['offline-result-js:14', 'a queued result without its wrapper', 'no_wrapper', '/payload', undefined],
  ['oversize-result-js:14', 'the same, and too large', 'no_wrapper', '/payload', undefined],
  ['oversize-result-js:23', 'the same, and too large', 'no_wrapper', '/payload', undefined],
  ['oversize-result-js:32', 'the same, and too large', 'no_wrapper', '/payload', undefined],
  ['oversize-result-js:41', 'the same, and too large', 'no_wrapper', '/payload', undefined],
  ['oversize-result-js:56', 'the same, and too large', 'no_wrapper', '/payload', undefined],
];
const MALFORMED_PLACES = new Set(MALFORMED.map(([place]) => place));

/** Valid results without an output or error. The Go engine treats them as successes and may wait without limit. */
const WITHOUT_OUTPUT: [place: string, what: string][] = [
  ['result-shapes:71', 'result is null and there is no error'],
  ['result-shapes:79', 'result has no task'],
  ['no-output-js:14', 'a handler that returned nothing'],
  ['no-output-js:21', 'an error with an empty text, and no result'],
];

/** Valid messages over the limit, for which the Go engine closes the socket with 1009. */
const TOO_LARGE_FOR_THE_GO_ENGINE = [
  'message-limits:11',
  'oversize-result-js:10',
  'oversize-result-js:14',
  'oversize-result-js:19',
  'oversize-result-js:23',
  'oversize-result-js:28',
  'oversize-result-js:32',
  'oversize-result-js:37',
  'oversize-result-js:41',
  'oversize-result-js:52',
  'oversize-result-js:56',
];

/** Messages with other spellings or without an id, and the usual form that they are encoded to. */
const NORMALISED: [place: string, encoded: object][] = [
  ['ack-rules:10', { id: '', payload: { type: 'task_status', serviceId: 's_cbbhcjjaggnwmxsidkladoqpscqg' } }],
  ['ack-rules:38', { id: 'a8', payload: { type: 'task_status', serviceId: 's_cbbhcjjaggnwmxsidkladoqpscqg' } }],
];
const NORMALISED_PLACES = new Set(NORMALISED.map(([place]) => place));

describe('messages', () => {
  it('the recordings contain every type of both directions', () => {
    const types = (dir: RecordedMessage['dir']) =>
      new Set(
        recordedMessages
          .filter((message) => message.dir === dir)
          .map(({ body }) => ((body['payload'] ?? body) as Record<string, unknown>)['type']),
      );
    expect([...types('engine>sdk')].sort()).toEqual(['ACK', 'compensation_request', 'ping', 'task_request']);
    const ours = Object.keys(SERVICE_MESSAGE_SCHEMAS);
    expect(ours.filter((type) => !types('sdk>engine').has(type))).toEqual([]);
    expect(recordedMessages).toHaveLength(402);
  });

  it('every message of an engine is parsed as its type and encodes to the same JSON', () => {
    for (const message of recordedMessages.filter(({ dir }) => dir === 'engine>sdk')) {
      const parsed = parseEngineMessage(textOf(message));
      expect({ place: placeOf(message), parsed }).toEqual({
        place: placeOf(message),
        parsed: { ok: true, value: message.body },
      });
      if (parsed.ok) expect(JSON.parse(encodeMessage(parsed.value))).toEqual(message.body);
    }
  });

  it('every message of an SDK that is not listed here is parsed as its type and encodes to the same JSON', () => {
    for (const message of recordedMessages.filter(({ dir }) => dir === 'sdk>engine')) {
      const place = placeOf(message);
      if (MALFORMED_PLACES.has(place) || NORMALISED_PLACES.has(place)) continue;
      const parsed = parseServiceMessage(textOf(message));
      expect({ place, parsed }).toEqual({ place, parsed: { ok: true, value: message.body } });
      if (parsed.ok) expect(JSON.parse(encodeMessage(parsed.value))).toEqual(message.body);
    }
  });

  it('unknown members are kept: the timestamp that the Python SDK adds, the padding of another client', () => {
    const kept = recordedMessages.filter(({ body }) => {
      const payload = body['payload'] as Record<string, unknown> | null | undefined;
      return payload != null && ('timestamp' in payload || 'pad' in payload);
    });
    expect(kept.length).toBeGreaterThan(0);
    for (const message of kept) {
      const parsed = parseServiceMessage(textOf(message));
      expect(parsed.ok && JSON.parse(encodeMessage(parsed.value))).toEqual(message.body);
    }
  });

  it.each(NORMALISED)('%s is converted to its usual form', (place, encoded) => {
    const parsed = parseServiceMessage(textOf(messageAt(place)));
    expect(parsed.ok && JSON.parse(encodeMessage(parsed.value))).toEqual(encoded);
  });

  it.each(MALFORMED)('%s (%s) is refused as %s at %s', (place, _what, code, path, ackId) => {
    const message = messageAt(place);
    const parsed = parseServiceMessage(textOf(message));
    expect(parsed).toMatchObject({ ok: false, error: { code, path } });
    expect(parsed.ok ? undefined : parsed.error.ackId).toBe(ackId);
    expect(parsed.ok ? '' : parsed.error.message).not.toBe('');
  });

  it('the error for a malformed result names its task', () => {
    for (const place of ['result-shapes:51', 'result-shapes:61', 'offline-result-js:14', 'oversize-result-js:14']) {
      const { body } = messageAt(place);
      const claim = (body['payload'] ?? body) as Record<string, unknown>;
      expect(parseServiceMessage(textOf(messageAt(place)))).toMatchObject({
        error: {
          about: { type: 'task_result', serviceId: claim['serviceId'], idempotencyKey: claim['idempotencyKey'] },
        },
      });
    }
  });

  it('the same messages are acknowledged as by the Go engine, except on the sockets that it closed', () => {
    const closed = new Set(TOO_LARGE_FOR_THE_GO_ENGINE);
    for (const recording of ['ack-rules', 'result-shapes', 'message-limits', 'offline-result-js']) {
      const messages = recordedMessages.filter((message) => message.recording === recording);
      const acknowledged = messages
        .filter((message) => message.dir === 'sdk>engine' && !closed.has(placeOf(message)))
        .map((message) => parseServiceMessage(textOf(message)))
        .map((parsed) => (parsed.ok ? parsed.value.id : parsed.error.ackId))
        .filter((id) => id !== undefined && id !== PONG_MESSAGE_ID);
      const acks = messages.filter(({ body }) => body['type'] === 'ACK').map(({ body }) => body['id']);
      expect([recording, acknowledged]).toEqual([recording, acks]);
      expect(acks.length).toBeGreaterThan(0);
    }
  });

  it('every ACK is parsed without decoding JSON', () => {
    for (const message of recordedMessages.filter(({ body }) => body['type'] === 'ACK')) {
      expect(readAckId(textOf(message))).toBe(message.body['id']);
    }
  });

  it('the Go engine closed the socket for the messages above its limit', () => {
    const large = recordedMessages.filter(
      (message) => Buffer.byteLength(textOf(message)) > GO_ENGINE_MAX_MESSAGE_BYTES && message.dir === 'sdk>engine',
    );
    expect(large.map(placeOf)).toEqual(TOO_LARGE_FOR_THE_GO_ENGINE);
    for (const message of recordedMessages.filter(({ bytes }) => bytes !== undefined)) {
      expect(Buffer.byteLength(textOf(message))).toBe(message.bytes);
    }
    expect(messageAt('message-limits:8').bytes).toBe(GO_ENGINE_MAX_MESSAGE_BYTES);
  });
});

describe('outcomes', () => {
  it.each(WITHOUT_OUTPUT)('%s (%s) is a failure with an unknown effect', (place) => {
    expect(readTaskOutcome(resultAt(place))).toEqual({
      kind: 'failed',
      error: NO_OUTPUT_ERROR,
      failure: { code: 'ORRA_UNREADABLE_OUTCOME', retryable: true },
      effect: 'unknown',
    });
  });

  it.each([
    ['result-shapes:11', 'task is null', null],
    ['result-shapes:21', 'task is a text', 'hello'],
    ['result-shapes:31', 'task is a list', [1, 2]],
    ['result-shapes:41', 'an empty error beside a value', { response: 'x' }],
  ])('%s (%s) is a success', (place, _what, output) => {
    expect(readTaskOutcome(resultAt(place))).toEqual({ kind: 'completed', output });
  });

  it.each([
    ['partial-compensation-js:22', { kind: 'partial', completed: ['m1'], remaining: ['m2'] }],
    ['revert-failed-status-js:22', { kind: 'completed' }],
    ['abort-compensation-py:22', { kind: 'completed' }],
  ])('%s is read as the answer to a revert', (place, outcome) => {
    expect(readRevertOutcome(resultAt(place))).toEqual(outcome);
  });

  it('every recorded result that is not listed is a failure with its message, or has an output or a revert status', () => {
    const listed = new Set(WITHOUT_OUTPUT.map(([place]) => place));
    for (const message of recordedMessages) {
      const place = placeOf(message);
      const parsed = message.dir === 'sdk>engine' ? parseServiceMessage(textOf(message)) : undefined;
      if (!parsed?.ok || parsed.value.payload.type !== 'task_result' || listed.has(place)) continue;
      const { result, error } = parsed.value.payload;
      const says = error
        ? 'error'
        : result && 'task' in result
          ? 'task'
          : result && 'status' in result
            ? 'status'
            : 'nothing';
      expect([place, says]).not.toEqual([place, 'nothing']);
      if (says === 'error') expect(readTaskOutcome(parsed.value.payload)).toEqual({ kind: 'failed', error });
      if (says === 'task') expect(readTaskOutcome(parsed.value.payload)).toMatchObject({ output: result?.['task'] });
    }
  });

  it('compensation data has the time to live of the service, in milliseconds', () => {
    const ttls = new Set<number>();
    for (const message of recordedMessages) {
      const parsed = message.dir === 'sdk>engine' ? parseServiceMessage(textOf(message)) : undefined;
      if (!parsed?.ok || parsed.value.payload.type !== 'task_result') continue;
      const outcome = readTaskOutcome(parsed.value.payload);
      if (outcome.kind === 'completed' && outcome.compensation) ttls.add(outcome.compensation.ttlMs);
    }
    expect(ttls).toEqual(new Set([3_600_000, 86_400_000]));
  });
});

describe('HTTP bodies', () => {
  const cases = [
    ['service-registration', ServiceRegistrationSchema],
    ['service-registered', ServiceRegisteredSchema],
    ['project-registration', ProjectRegistrationSchema],
    ['project-registered', ProjectRegisteredSchema],
    ['submission', SubmissionSchema],
  ] as const;

  it.each(cases)('every recorded %s matches its schema, and unknown members are kept', (kind, schema) => {
    const bodies = bodiesOf(kind);
    expect(bodies.length).toBeGreaterThan(10);
    for (const body of bodies) {
      expect([placeOf(body), parseValue(schema, body.body)]).toEqual([placeOf(body), { ok: true, value: body.body }]);
    }
  });

  it('schemas have problems if the Go engine refused them, except for a fractional bound', () => {
    const refused: string[] = [];
    for (const body of bodiesOf('service-registration')) {
      if (schemaProblems(body.body['schema']).length > 0) refused.push(placeOf(body));
    }
    expect(refused).toEqual(['http-errors:41', 'register-again:20']);
    // The Go engine refuses it, because its bounds are integers; ours keeps them.
    const [fractional] = bodiesOf('service-registration').filter((body) => placeOf(body) === 'http-errors:43');
    expect(JSON.stringify(fractional?.body)).toContain('"minimum":0.5');
  });

  it('a body of the Go CLI with `Content` in upper case is accepted', () => {
    const shouted = bodiesOf('submission').filter(({ body }) => Object.hasOwn(body['action'] ?? {}, 'Content'));
    expect(shouted.length).toBeGreaterThan(0);
    for (const { body } of shouted) {
      const { action } = body as unknown as Submission;
      expect(typeof canonicalMembers(action as Record<string, unknown>, ['type', 'content'])['content']).toBe('string');
    }
  });

  it('every recorded duration is valid, except the one that was refused', () => {
    const odd: unknown[] = [];
    for (const { body } of bodiesOf('submission')) {
      for (const duration of [body['timeout'], body['healthCheckGracePeriod']]) {
        if (duration !== undefined && parseWireDuration(duration) === undefined) odd.push(duration);
      }
    }
    expect(new Set(odd)).toEqual(new Set(['abc']));
  });

  it('every status in the recorded views is known', () => {
    const orchestrations = new Set<string>();
    const tasks = new Set<string>();
    const compensations = new Set<string>();
    for (const { body } of bodiesOf('orchestration')) orchestrations.add((body as unknown as OrchestrationView).status);
    for (const { body } of bodiesOf('list')) {
      for (const items of Object.values(body) as OrchestrationList['failed'][])
        for (const item of items ?? []) orchestrations.add(item.status);
    }
    for (const { body } of bodiesOf('inspection')) {
      const inspection = body as unknown as OrchestrationInspection;
      orchestrations.add(inspection.status);
      for (const task of inspection.tasks ?? []) {
        tasks.add(task.status);
        task.statusHistory?.forEach(({ status }) => tasks.add(status));
        task.compensationHistory?.forEach(({ status }) => compensations.add(status));
      }
    }
    expect([...orchestrations].sort()).toEqual([...ORCHESTRATION_STATUSES_SEEN]);
    expect([...tasks].sort()).toEqual([...TASK_STATUSES_SEEN]);
    expect([...compensations].sort()).toEqual([...COMPENSATION_STATUSES_SEEN]);
  });
});
