/**
 * Runs generated handler behaviours against a FakePlanEngine: `node handler-behaviours-child.cjs <count> <seed>`. Prints a
 * summary as JSON. Time is virtual, so that limits and grace periods cost nothing.
 */
const fc = require('fast-check');
const { ManualClock } = require('@orra-ts/common/testing');
const { FakePlanEngine, OUR_CAPABILITIES } = require('@orra-ts/fakes');
const { NonRetryableError, OrraFactory, defineService, jsonSchema, silentLogger } = require('@orra-ts/sdk');

const [count, seed] = process.argv.slice(2).map(Number);
const LIMIT_MS = 200;
const GRACE_MS = 100;
const CONCURRENCY = 8;
const BATCH = 500;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const hostile = () =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      ['message', 'name', 'code', 'stack', 'cause', 'details', 'toString', 'toJSON', 'then'].map((name) => [
        name,
        {
          enumerable: true,
          get() {
            throw new Error(`no ${name}`);
          },
        },
      ]),
    ),
  );
const circular = () => {
  const value = {};
  value.self = value;
  return value;
};

/** Values of all kinds, to be returned, thrown, resolved with, pushed as updates and passed to `abort`. */
const VALUES = {
  nothing: () => undefined,
  null: () => null,
  output: () => ({ a: 'ok' }),
  'wrong output': () => ({ a: 5 }),
  string: () => 'a string',
  'empty string': () => '',
  bigint: () => 5n,
  symbol: () => Symbol('odd'),
  function: () => () => undefined,
  nan: () => NaN,
  date: () => new Date(NaN),
  circular,
  revoked,
  hostile,
  'bigint inside': () => ({ a: 'ok', b: 5n }),
  'no prototype': () => Object.create(null),
  error: () => new Error('failed'),
  'empty error': () => new Error(''),
  'final error': () => new NonRetryableError('refused', { code: 'REFUSED' }),
  'bigint message': () => Object.assign(new Error('x'), { message: 5n }),
  'object message': () => Object.assign(new Error('x'), { message: { code: 5n } }),
  'error with itself as cause': () => {
    const error = new Error('round');
    error.cause = error;
    return error;
  },
  'aggregate error': () => new AggregateError([new Error('one'), revoked(), null]),
};

/** Ways to give a value; `late` ones resolve when the test says so, `never` ones do not. */
const WAYS = {
  return: (value) => value,
  throw: (value) => {
    throw value;
  },
  promise: async (value) => value,
  rejection: (value) => Promise.reject(value),
  later: (value) => new Promise((resolve) => setImmediate(() => resolve(value))),
  'thenable, at once': (value) => ({ then: (resolve) => resolve(value) }),
  'thenable, later': (value) => ({ then: (resolve) => void setImmediate(() => resolve(value)) }),
  'thenable that rejects': (value) => ({ then: (_, reject) => reject(value) }),
  'thenable that resolves twice': (value) => ({
    then: (resolve) => [1, 2].forEach((n) => resolve(n === 1 ? value : {})),
  }),
  'thenable that resolves and throws': (value) => ({
    then(resolve) {
      resolve(value);
      throw new Error('after the end');
    },
  }),
  'thenable that rejects and resolves': (value) => ({
    then(resolve, reject) {
      reject(value);
      resolve({});
    },
  }),
  'then throws': (value) => ({
    then() {
      throw value;
    },
  }),
  'then cannot be read': (value) => ({
    get then() {
      throw value;
    },
  }),
  'function with then': (value) => Object.assign(() => undefined, { then: (resolve) => resolve(value) }),
  'thenable of a promise': (value) => ({ then: (resolve) => resolve(Promise.resolve(value)) }),
  'thenable of a thenable': (value) => ({ then: (resolve) => resolve({ then: (next) => next(value) }) }),
  'promise with another then': (value) => Object.assign(Promise.resolve({}), { then: (resolve) => resolve(value) }),
  'proxy of a promise': (value) => {
    const promise = Promise.resolve(value);
    promise.catch(() => undefined);
    return new Proxy(promise, {});
  },
  never: () => new Promise(() => {}),
  'thenable, never': () => ({ then() {} }),
  late: (value, { whenReleased }) => whenReleased.then(() => value),
  'late rejection': (value, { whenReleased }) => whenReleased.then(() => Promise.reject(value)),
};

/** What the handler does before it gives its value. */
const ACTIONS = {
  'await an update': async (task, value) => void (await task.pushUpdate(value)),
  'push an update': (task, value) => void task.pushUpdate(value),
  'push many updates': (task) => {
    for (let n = 0; n < 50; n++) void task.pushUpdate({ n });
  },
  abort: (task, value) => task.abort(value),
  'abort and catch': (task, value) => {
    try {
      task.abort(value);
    } catch {
      // Catching has no effect.
    }
  },
  'abort in a timer': (task, value) => void setTimeout(() => task.abort(value), 0),
  'abort in forEach': (task, value) => [1, 2].forEach(async () => task.abort(value)),
  'abort later in forEach': (task, value) =>
    [1, 2].forEach(async () => {
      await turn();
      task.abort(value);
    }),
  'listen to the signal': (task) => {
    for (let n = 0; n < 20; n++) task.signal.addEventListener('abort', () => undefined);
  },
  'change the input': (task) => {
    task.input.behaviour = -1;
  },
  'wait a turn': () => turn(),
};
/** In which function of the service the behaviour happens. */
const PLACES = ['handler', 'handler', 'handler', 'input rule', 'output rule', 'revert'];

const behaviour = fc.record({
  place: fc.constantFrom(...PLACES),
  way: fc.constantFrom(...Object.keys(WAYS)),
  value: fc.constantFrom(...Object.keys(VALUES)),
  actions: fc.array(
    fc.record({ action: fc.constantFrom(...Object.keys(ACTIONS)), value: fc.constantFrom(...Object.keys(VALUES)) }),
    {
      maxLength: 2,
    },
  ),
  duplicate: fc.boolean(),
});

async function main() {
  const behaviours = fc.sample(behaviour, { numRuns: count, seed });
  const clock = new ManualClock();
  const gates = behaviours.map(() => {
    let release;
    const whenReleased = new Promise((resolve) => (release = resolve));
    return { release, whenReleased };
  });
  const give = (index) => WAYS[behaviours[index].way](VALUES[behaviours[index].value](), gates[index]);

  const plain = jsonSchema({ type: 'object', properties: { behaviour: { type: 'integer' }, a: { type: 'string' } } });
  /** A Standard Schema whose rule behaves as generated. */
  const rule = (place) => ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const index = value?.behaviour;
        if (behaviours[index]?.place !== place) return { value };
        return give(index);
      },
      jsonSchema: { input: () => plain.schema, output: () => plain.schema },
    },
  });
  let entered = 0;
  const slots = { open: undefined, promise: undefined };
  slots.promise = new Promise((resolve) => (slots.open = resolve));
  const service = defineService(
    {
      name: 'behaves',
      description: 'Behaves as generated',
      input: rule('input rule'),
      output: rule('output rule'),
      revert: ({ input }) => give(input.behaviour),
      timeout: LIMIT_MS,
      concurrency: CONCURRENCY,
    },
    (task) => {
      const index = task.input.behaviour;
      if (index === undefined) {
        entered++;
        return slots.promise.then(() => ({ a: 'ok' }));
      }
      const { place, actions } = behaviours[index];
      if (place !== 'handler') return { behaviour: index };
      let previous;
      for (const { action, value } of actions) {
        const act = () => ACTIONS[action](task, VALUES[value]());
        previous = previous ? previous.then(act) : act();
        if (!(previous instanceof Promise)) previous = undefined;
      }
      return previous ? previous.then(() => give(index)) : give(index);
    },
  );
  const engine = await FakePlanEngine.start({ capabilities: { ...OUR_CAPABILITIES, pingIntervalMs: 2 ** 40 } });
  const app = await OrraFactory.create({
    services: [service],
    engine: { url: engine.url, apiKey: engine.apiKey },
    journal: { kind: 'memory' },
    identity: { load: () => undefined, save: () => undefined },
    connection: { ackTimeout: '30d' },
    handlerGrace: GRACE_MS,
    logger: silentLogger,
    clock,
  });
  await app.start();
  const connection = await engine.connected();
  const outcomes = new Map();
  const inProgress = new Set();
  let read = 0;
  const collect = () => {
    for (; read < connection.received.length; read++) {
      const { payload } = connection.received[read];
      const { type, idempotencyKey: key } = payload;
      if (type === 'task_status') inProgress.add(key);
      if (type !== 'task_result' && type !== 'task_abort_result') continue;
      if (!outcomes.has(key)) outcomes.set(key, new Set());
      outcomes.get(key).add(JSON.stringify({ ...payload, executionId: undefined }));
    }
  };
  const all = [];
  let hanging = 0;
  /** Resolves when each request has an outcome or hangs. */
  const settle = async (requests) => {
    let open = requests;
    for (let turns = 1; open.length > 0; turns++) {
      await turn();
      if (turns % 10 !== 0) continue;
      collect();
      open = open.filter(({ idempotencyKey }) => !outcomes.has(idempotencyKey));
      const { count: overdue } = app.health().services[0].overdue;
      if (overdue === hanging + open.length) break;
      await clock.advance(LIMIT_MS + GRACE_MS);
    }
    hanging += open.length;
  };

  for (let from = 0; from < count; from += BATCH) {
    const batch = [];
    for (let index = from; index < Math.min(count, from + BATCH); index++) {
      const { place, duplicate } = behaviours[index];
      const request =
        place === 'revert'
          ? { type: 'compensation_request', input: { originalTask: { behaviour: index }, taskResult: {} } }
          : { type: 'task_request', input: { behaviour: index } };
      const sent = connection.send(request);
      batch.push(sent);
      if (duplicate) connection.send({ ...sent, executionId: `e_again${index}` });
    }
    await settle(batch);
    all.push(...batch);
  }

  // Every slot is free: this many handlers run at once, although others hang.
  const probes = Array.from({ length: CONCURRENCY }, () => connection.send({ type: 'task_request', input: {} }));
  while (entered < CONCURRENCY) await turn();
  slots.open();
  while (probes.some(({ idempotencyKey }) => !outcomes.has(idempotencyKey))) {
    await turn();
    collect();
  }

  // Each key has one outcome or is in progress.
  const hung = all.filter(({ idempotencyKey }) => !outcomes.has(idempotencyKey));
  inProgress.clear();
  for (const request of hung) connection.send({ ...request, executionId: 'e_newest' });
  while (hung.some(({ idempotencyKey }) => !inProgress.has(idempotencyKey))) {
    await turn();
    collect();
  }
  const overdue = app.health().services[0].overdue.count;

  // Late outcomes are accepted.
  const isLate = ({ input }) => behaviours[input.behaviour ?? input.originalTask.behaviour].way.startsWith('late');
  const late = hung.filter(isLate);
  for (const { release } of gates) release();
  while (late.some(({ idempotencyKey }) => !outcomes.has(idempotencyKey))) {
    await turn();
    collect();
  }
  let closed = false;
  const closing = app.close({ grace: 0 }).then(() => (closed = true));
  while (!closed) await clock.advance(1_000);
  await closing;
  await engine.close();
  const severalOutcomes = all
    .filter(({ idempotencyKey }) => outcomes.get(idempotencyKey)?.size > 1)
    .map(({ input, idempotencyKey }) => [
      behaviours[input.behaviour ?? input.originalTask.behaviour],
      [...outcomes.get(idempotencyKey)],
    ]);
  console.log(
    JSON.stringify({
      keys: all.length,
      withOutcome: all.filter(({ idempotencyKey }) => outcomes.has(idempotencyKey)).length,
      hung: hung.length,
      overdue,
      late: late.length,
      severalOutcomes,
      malformed: engine.malformed.length,
    }),
  );
}

main();
