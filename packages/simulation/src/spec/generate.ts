/** A random world from a seed. */
import { SeededRandom } from '@orra-ts/common/testing';
import {
  replicasOf,
  type Direction,
  type Fault,
  type FaultKind,
  type OrderSpec,
  type ServiceSpec,
  type TaskSpec,
  type WorldSpec,
} from './world-spec';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAX_FAULTS = 6;
/** Orders are submitted and faults begin within this time, so that they meet. */
const BUSY_MS = 90_000;
/** Services are registered by then, unless a fault prevents it. */
const FIRST_ORDER_MS = 1_000;

const IDLE = { retry: 0, resolve: 0, ignore: 0 };
/** Which tasks without an output a service reverts; most services do not. */
const ALSO = [[], [], [], ['unknown'], ['failed'], ['failed', 'unknown']] as const;

export function generateWorld(seed: number): WorldSpec {
  const random = new SeededRandom(`world ${seed}`);
  const services = generateServices(random.fork('services'));
  return {
    seed,
    services,
    orders: generateOrders(random.fork('orders'), services),
    faults: generateFaults(random.fork('faults'), services),
    operator: random.fork('operator').chance(0.4) ? IDLE : { retry: 0.5, resolve: 0.15, ignore: 0.1 },
  };
}

function generateServices(random: SeededRandom): ServiceSpec[] {
  return Array.from({ length: random.int(1, 4) }, (_, index) => generateService(`svc-${'abcd'.charAt(index)}`, random));
}

function generateService(name: string, random: SeededRandom): ServiceSpec {
  const more = random.fork(name);
  return {
    name,
    also: more.pick(ALSO),
    updates: more.chance(0.3),
    concurrency: more.chance(0.25) ? more.int(1, 2) : undefined,
    bank: random.chance(0.5) ? 'keyed' : 'plain',
    replicas: random.chance(0.4) ? 2 : 1,
    revertible: random.chance(0.85),
    revertibleForMs: more.chance(0.1)
      ? more.int(20_000, 3 * MINUTE_MS)
      : random.chance(0.7)
        ? 24 * HOUR_MS
        : random.int(10, 60) * MINUTE_MS,
    describes: more.chance(0.6),
    shares: {
      slow: random.chance(0.4) ? 0.1 : 0,
      throw: random.chance(0.5) ? 0.2 : 0,
      'throw-final': random.chance(0.4) ? 0.1 : 0,
      abort: random.chance(0.4) ? 0.1 : 0,
      'bad-output': random.chance(0.2) ? 0.1 : 0,
      'big-output': more.chance(0.15) ? 0.1 : 0,
    },
  };
}

function generateOrders(random: SeededRandom, services: readonly ServiceSpec[]): OrderSpec[] {
  return Array.from({ length: random.int(5, 10) }, (_, index): OrderSpec => {
    const atMs = random.int(FIRST_ORDER_MS, BUSY_MS);
    const cancelAtMs = random.chance(0.15) ? atMs + random.int(50, 60_000) : undefined;
    const name = `o${index + 1}`;
    const compensation = random.fork(name).chance(0.25) ? 'parallel' : undefined;
    return { name, atMs, tasks: generateTasks(random, services), compensation, cancelAtMs };
  });
}

function generateTasks(random: SeededRandom, services: readonly ServiceSpec[]): TaskSpec[] {
  const tasks: TaskSpec[] = [];
  for (let count = random.int(1, 4); tasks.length < count;) {
    const earlier = tasks.map(({ id }) => id);
    const uses = new Set<string>();
    if (earlier.length > 0 && random.chance(0.8)) uses.add(random.pick(earlier));
    if (earlier.length > 1 && random.chance(0.3)) uses.add(random.pick(earlier));
    tasks.push({ id: `t${tasks.length + 1}`, service: random.pick(services).name, uses: [...uses] });
  }
  return tasks;
}

const KINDS: readonly FaultKind[] = [
  'lose',
  'delay',
  'duplicate',
  'cut',
  'silent',
  'freeze',
  'clock',
  'refuse-append',
  'slow-append',
  'crash-append',
  'crash-sync',
  'crash',
  'crash',
  'gone',
  'forge',
];

function generateFaults(random: SeededRandom, services: readonly ServiceSpec[]): Fault[] {
  const replicas = services.flatMap(replicasOf);
  const faults = Array.from({ length: random.int(0, MAX_FAULTS) }, () => generateFault(random, replicas));
  // One service that never returns is enough; with all of them gone, nothing is left to look at.
  let gone = 0;
  return faults
    .filter(({ kind }) => kind !== 'gone' || (++gone === 1 && random.chance(0.3)))
    .sort((a, b) => a.atMs - b.atMs);
}

function generateFault(random: SeededRandom, replicas: readonly string[]): Fault {
  const kind = random.pick(KINDS);
  const atMs = random.int(0, BUSY_MS + 30_000);
  const replica = random.pick(replicas);
  const process = random.chance(0.4) ? 'engine' : replica;
  const direction: Direction = random.chance(0.5) ? 'to-engine' : 'to-service';
  const count = random.int(1, 4);
  const downMs = random.chance(0.85) ? random.int(100, 60_000) : random.int(5, 45) * MINUTE_MS;
  const briefMs = random.chance(0.7) ? random.int(1_000, 40_000) : random.int(1, 10) * MINUTE_MS;
  switch (kind) {
    case 'lose':
    case 'duplicate':
      return { kind, atMs, replica, direction, count };
    case 'delay':
      return { kind, atMs, replica, byMs: random.int(500, 40_000), forMs: random.int(1_000, 60_000) };
    case 'cut':
      return { kind, atMs, replica };
    case 'silent':
      return { kind, atMs, replica, forMs: briefMs };
    case 'freeze':
      return { kind, atMs, process, forMs: briefMs };
    case 'clock':
      return { kind, atMs, process, byMs: random.pick([-25, -1, 1, 25]) * HOUR_MS };
    case 'refuse-append':
      return { kind, atMs, count: random.int(1, 8) };
    case 'slow-append':
      return { kind, atMs, forMs: random.int(100, 20_000) };
    case 'crash-append':
      return { kind, atMs, committed: random.chance(0.5), downMs };
    case 'crash-sync':
      return { kind, atMs, replica, downMs };
    case 'crash':
      return { kind, atMs, process, power: random.chance(0.5), downMs };
    case 'gone':
      return { kind, atMs, replica };
    case 'forge':
      return { kind, atMs, replica, names: direction === 'to-engine' ? 'own' : 'other' };
  }
}
