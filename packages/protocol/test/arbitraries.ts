/** Arbitrary valid values of all messages and bodies, with unknown members. */
import fc from 'fast-check';

/** Values as a JSON decoder returns them: no -0, no `__proto__`, members in the order that JSON keeps. */
const normal = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  arbitrary.map((value) => JSON.parse(JSON.stringify(value)) as T);

export const json = normal(fc.jsonValue({ maxDepth: 3 }));
const text = fc.string({ unit: 'binary', maxLength: 40 });
const nonEmpty = fc.string({ minLength: 1, maxLength: 40 });
const texts = fc.dictionary(fc.string(), text, { maxKeys: 4 });
const object = normal(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }));
const positive = fc.double({ min: 0.5, max: 1e9, noNaN: true });
/** Unknown members. Their names begin with `x`, unlike all known ones. */
const unknownMembers = fc.dictionary(
  fc.string().map((name) => `x${name}`),
  json,
  { maxKeys: 3 },
);

/** An object of these members and some unknown ones. Members that are not in `required` may be absent. */
function record(
  members: Record<string, fc.Arbitrary<unknown>>,
  required: readonly string[],
): fc.Arbitrary<Record<string, unknown>> {
  return normal(
    fc
      .tuple(fc.record(members, { requiredKeys: [...required] }), unknownMembers)
      .map(([known, unknown]) => ({ ...known, ...unknown })),
  );
}

const type = (name: string) => ({ type: fc.constant(name) });
const request = { id: text, executionId: text, idempotencyKey: nonEmpty, serviceId: text };
const meta = { attempt: fc.integer({ min: 1 }), timeoutMs: positive };
const requestMembers = ['type', 'id', 'input', 'executionId', 'idempotencyKey', 'serviceId'];

export const engineMessages = {
  ping: record({ ...type('ping'), serviceId: text }, ['type']),
  ACK: record({ ...type('ACK'), id: text }, ['type', 'id']),
  task_request: record(
    {
      ...type('task_request'),
      ...request,
      ...meta,
      input: json,
      orchestrationId: text,
      metadata: texts,
      inDoubt: fc.boolean(),
    },
    requestMembers,
  ),
  task_cancel: record({ ...type('task_cancel'), ...request }, ['type', 'id', 'idempotencyKey', 'serviceId']),
  compensation_request: record(
    {
      ...type('compensation_request'),
      ...request,
      ...meta,
      input: json,
      previous: record({ completed: fc.array(text), remaining: fc.array(text) }, ['completed', 'remaining']),
      outcome: fc.constantFrom('failed', 'unknown'),
      taskKey: nonEmpty,
      compensationContext: fc.option(
        record({ orchestrationId: text, reason: text, payload: json, timestamp: text }, [
          'orchestrationId',
          'reason',
          'timestamp',
        ]),
      ),
    },
    requestMembers,
  ),
};

const answer = { taskId: text, executionId: text, serviceId: text, idempotencyKey: nonEmpty };
const failure = record(
  {
    code: text,
    retryable: fc.boolean(),
    retryAfterMs: fc.nat(),
    effect: fc.constantFrom('none', 'unknown'),
  },
  ['code', 'retryable'],
);
const compensation = record({ data: json, ttl: fc.option(fc.integer()) }, []);

export const serviceMessages = {
  pong: record({ ...type('pong'), serviceId: text }, ['type', 'serviceId']),
  task_status: record({ ...type('task_status'), ...answer, idempotencyKey: text, status: text }, ['type', 'serviceId']),
  task_interim_result: record({ ...type('task_interim_result'), ...answer, result: record({ task: json }, ['task']) }, [
    'type',
    'serviceId',
    'idempotencyKey',
    'result',
  ]),
  task_abort_result: record(
    { ...type('task_abort_result'), ...answer, result: fc.option(record({ task: json }, [])) },
    ['type', 'serviceId', 'idempotencyKey', 'result'],
  ),
  task_result: record(
    {
      ...type('task_result'),
      ...answer,
      result: fc.option(
        fc.oneof(
          record({ task: json, compensation: fc.option(compensation) }, []),
          record({ status: text, partial: json, error: fc.option(text) }, ['status']),
        ),
      ),
      error: fc.option(text),
      failure: fc.option(failure),
    },
    ['type', 'serviceId', 'idempotencyKey', 'result'],
  ),
};

/** The wrapper of a payload. */
export const wrapped = (payload: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  record({ id: text, payload }, ['id', 'payload']);

const capabilities = record(
  {
    version: fc.integer(),
    maxMessageBytes: fc.integer({ min: 1 }),
    pingIntervalMs: fc.integer({ min: 1 }),
    headerAuth: fc.boolean(),
    orderedUpdates: fc.boolean(),
    failureDetails: fc.boolean(),
    identityByName: fc.boolean(),
    plans: fc.boolean(),
    claims: fc.boolean(),
  },
  ['version'],
);

const plan = record(
  {
    tasks: fc.array(record({ id: nonEmpty, service: text, input: object }, ['id', 'input']), { maxLength: 4 }),
    parallel_groups: fc.option(fc.array(fc.array(text))),
    compensation: fc.option(fc.constant('parallel')),
  },
  ['tasks'],
);

const duration = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.record({ Duration: fc.nat() }));

export const bodies = {
  CompensationData: compensation,
  EngineCapabilities: capabilities,
  Plan: plan,
  DefinedPlan: record({ name: text, action: nonEmpty, description: text, input: object, plan }, [
    'name',
    'action',
    'input',
    'plan',
  ]),
  ServiceRegistration: record(
    {
      id: fc.option(text),
      name: fc.option(text),
      description: fc.option(text),
      schema: fc.option(object),
      revertible: fc.option(fc.boolean()),
      version: fc.option(fc.integer()),
      capabilities: fc.option(fc.array(text)),
      identity: fc.option(text),
      timeoutMs: fc.option(positive),
      revertTtlMs: fc.option(positive),
    },
    [],
  ),
  ServiceRegistered: record(
    { id: nonEmpty, name: text, revertible: fc.boolean(), status: text, version: fc.integer(), capabilities },
    ['id', 'name', 'version'],
  ),
  ProjectRegistration: record(
    {
      name: fc.option(text),
      webhooks: fc.option(fc.array(text)),
      compensationFailureWebhooks: fc.option(fc.array(text)),
      additionalAPIKeys: fc.option(fc.array(text)),
    },
    [],
  ),
  ProjectRegistered: record(
    {
      id: nonEmpty,
      name: text,
      apiKey: nonEmpty,
      webhooks: fc.option(fc.array(text)),
      createdAt: text,
      updatedAt: text,
    },
    ['id', 'name', 'apiKey', 'createdAt', 'updatedAt'],
  ),
  Submission: record(
    {
      action: fc.option(record({ type: fc.option(text), content: fc.option(text) }, [])),
      data: fc.option(fc.array(record({ field: text, value: json }, ['field']), { maxLength: 4 })),
      timeout: fc.option(duration),
      healthCheckGracePeriod: fc.option(duration),
      plan: fc.option(plan),
      metadata: fc.option(texts),
    },
    [],
  ),
};
