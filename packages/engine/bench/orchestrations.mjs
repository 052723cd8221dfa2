/**
 * Measures orchestrations per second through the public interfaces: HTTP submissions, three sequential tasks on three
 * services over WebSockets, journal on disk with fsync. The engine has a process of its own; the submitters and the
 * services share another one. An orchestration counts as done when the result of its last task is acknowledged (which
 * happens after its completion is committed) and its webhooks are delivered. Run `npm run build` first, then
 *
 *   node packages/engine/bench/orchestrations.mjs [--concurrency 256] [--seconds 5] [--webhooks 0] [--rounds 1]
 *     [--engines packages/engine,../other-checkout/packages/engine]
 *
 * With several engines, each round measures all of them, one after the other, and the last line has the medians of each
 * as ratios to the first. `engineCpuMs` is the CPU time of the engine's process for one orchestration.
 *
 * All connections are open and have been used before the measurement begins: Node accepts one connection per turn of the
 * event loop, so the last of many new ones waits for many turns.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const [concurrency, seconds, webhooks, rounds] = [
  ['concurrency', 256],
  ['seconds', 5],
  ['webhooks', 0],
  ['rounds', 1],
].map(([name, fallback]) => Number(option(name) ?? fallback));
const NAMES = ['first', 'second', 'third'];
const WARM_UP_MS = 2000;

if (process.argv[2] === 'engine') await serve(process.argv[3]);
else await compare();

function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** The process of the engine: reports its CPU time whenever it is asked. */
async function serve(folder) {
  const load = createRequire(path.join(folder, 'package.json'));
  const { createEngine } = load('./dist/index.js');
  const { silentLogger } = load('@orra-ts/common');
  const storage = mkdtempSync(path.join(tmpdir(), 'orra-bench-'));
  const engine = await createEngine({ port: 0, storage, logger: silentLogger, webhookTargets: 'any' });
  const { apiKey } = await engine.createProject({ name: 'bench' });
  process.on('message', async (message) => {
    if (message === 'usage') {
      const { user, system } = process.cpuUsage();
      return process.send({ cpuMs: (user + system) / 1000, rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) });
    }
    await engine.close();
    rmSync(storage, { recursive: true, force: true });
    process.exit(0);
  });
  process.send({ url: engine.url, apiKey });
}

async function compare() {
  const own = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const folders = (option('engines')?.split(',') ?? [own]).map((folder) => path.resolve(folder));
  const results = folders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, folder] of folders.entries()) {
      const result = await measure(folder);
      results[index].push(result);
      console.log(JSON.stringify({ engine: path.relative('.', folder) || '.', ...result }));
    }
  }
  if (folders.length === 1) return;
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  for (const [index, folder] of folders.entries()) {
    const ratios = Object.keys(results[0][0]).map((name) => {
      const [of, first] = [results[index], results[0]].map((list) => median(list.map((result) => result[name])));
      return [name, Number((of / first).toFixed(3))];
    });
    console.log(JSON.stringify({ ratiosOf: path.relative('.', folder) || '.', ...Object.fromEntries(ratios) }));
  }
}

async function measure(folder) {
  const child = fork(fileURLToPath(import.meta.url), ['engine', folder]);
  const next = () => new Promise((resolve) => child.once('message', resolve));
  const usage = () => (child.send('usage'), next());
  const { url, apiKey } = await next();
  const left = new Map();
  const latencies = [];
  let [done, sending] = [0, true];
  const receiver = webhooks > 0 ? await receiveWebhooks((id) => reached(id)) : undefined;
  const register = await connectTo(url, apiKey);
  for (let i = 0; i < webhooks; i++) {
    await register.post('/webhooks', { url: `http://127.0.0.1:${receiver.address().port}/${i}` });
  }
  const sockets = [];
  for (const name of NAMES) sockets.push(await startService(url, apiKey, register, name, (id) => reached(id)));
  const body = JSON.stringify({
    action: { content: 'bench' },
    data: [{ field: 'value', value: 'v' }],
    plan: { tasks: NAMES.map((service, i) => ({ id: `task${i + 1}`, service, input: { value: `$task${i}.value` } })) },
  });
  /** Counts the parts of an orchestration that are done; some are before the response to its submission. */
  const reached = (id) => {
    const entry = left.get(id) ?? { parts: 1 + webhooks };
    left.set(id, entry);
    if (--entry.parts === 0 && entry.finish) entry.finish();
  };
  const submitters = [];
  for (let i = 0; i < concurrency; i++) {
    const submitter = await connectTo(url, apiKey);
    await submitter.post('/orchestrations', body);
    submitters.push(submitter);
  }
  const submit = async ({ post }) => {
    const at = performance.now();
    const { id } = await post('/orchestrations', body);
    const entry = left.get(id) ?? { parts: 1 + webhooks };
    left.set(id, entry);
    if (entry.parts > 0) await new Promise((resolve) => (entry.finish = resolve));
    left.delete(id);
    latencies.push(performance.now() - at);
    done++;
  };
  const running = submitters.map(async (submitter) => {
    while (sending) await submit(submitter);
  });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  latencies.length = 0;
  const [before, at, from] = [await usage(), performance.now(), done];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const [after, until, to] = [await usage(), performance.now(), done];
  sending = false;
  await Promise.all(running);
  latencies.sort((a, b) => a - b);
  const result = {
    perSecond: Math.round(((to - from) / (until - at)) * 1000),
    engineCpuMs: Number(((after.cpuMs - before.cpuMs) / (to - from)).toFixed(3)),
    p50Ms: Number(latencies[latencies.length >> 1]?.toFixed(1)),
    p99Ms: Number(latencies[Math.floor(latencies.length * 0.99)]?.toFixed(1)),
    rssMiB: after.rssMiB,
  };
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('close');
  for (const socket of [...sockets, ...submitters, register]) socket.close();
  receiver?.close();
  receiver?.closeAllConnections();
  await ended;
  return result;
}

/** A service that responds at once, and reports each orchestration whose last result was acknowledged. */
async function startService(url, apiKey, { post }, name, onDone) {
  const value = { type: 'object', properties: { value: { type: 'string' } } };
  const body = { name, description: name, schema: { input: value, output: value }, capabilities: ['task-meta'] };
  const { id: serviceId } = await post('/register/service', body);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?serviceId=${serviceId}&apiKey=${apiKey}`);
  await new Promise((resolve) => socket.on('open', resolve));
  const waiting = new Map();
  let sent = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'ACK') {
      if (waiting.has(message.id)) onDone(waiting.get(message.id));
      waiting.delete(message.id);
    } else if (message.type === 'task_request') {
      const id = `m${++sent}`;
      if (name === 'third') waiting.set(id, message.orchestrationId);
      const { id: taskId, executionId, idempotencyKey } = message;
      const result = { task: { value: 'x' } };
      const payload = { type: 'task_result', taskId, executionId, serviceId, idempotencyKey, result, error: null };
      socket.send(JSON.stringify({ id, payload }));
    }
  });
  return socket;
}

/** One HTTP connection that stays open and has one request at a time. A small client, to leave the CPU to the engine. */
async function connectTo(url, apiKey) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname).setNoDelay().setEncoding('utf8');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let [received, settle] = ['', undefined];
  socket.on('data', (data) => {
    received += data;
    const end = received.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (end < 0 || !(received.length >= end + 4 + length)) return;
    const [status, text] = [Number(received.slice(9, 12)), received.slice(end + 4)];
    received = '';
    if (status < 300) settle.resolve(JSON.parse(text));
    else settle.reject(new Error(`${status} ${text}`));
  });
  const post = (target, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    socket.write(
      `POST ${target} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${apiKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    return new Promise((resolve, reject) => (settle = { resolve, reject }));
  };
  return { post, close: () => socket.destroy() };
}

/** Responds to every webhook at once and reports its orchestration. */
async function receiveWebhooks(onDelivered) {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part) => (text += part));
    request.on('end', () => {
      response.writeHead(200).end();
      onDelivered(JSON.parse(text).orchestration_id);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
