// Measures orchestrations per second through the public interfaces: HTTP submissions, three sequential tasks on three
// services in another process over WebSockets, journal on disk with fsync. An orchestration counts as done when the result
// of its last task is acknowledged, which happens after its completion is committed.
//
// Run `npm run build` first, then
//
//   node packages/engine/bench/orchestrations.mjs [--concurrency 256] [--seconds 5]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const NAMES = ['first', 'second', 'third'];
const agent = new http.Agent({ keepAlive: true });

function post(url, apiKey, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: 'POST', agent, headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('end', () =>
          response.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode} ${text}`)),
        );
      },
    );
    request.on('error', reject).end(JSON.stringify(body));
  });
}

if (process.argv[2] === 'worker') await work(JSON.parse(process.argv[3]));
else await drive();

/** Runs the services: they respond at once, and report each orchestration whose last result was acknowledged. */
async function work({ url, apiKey }) {
  const value = { type: 'object', properties: { value: { type: 'string' } } };
  await Promise.all(
    NAMES.map(async (name) => {
      const body = { name, description: name, schema: { input: value, output: value }, capabilities: ['task-meta'] };
      const { id: serviceId } = await post(`${url}/register/service`, apiKey, body);
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?serviceId=${serviceId}&apiKey=${apiKey}`);
      await new Promise((resolve) => socket.on('open', resolve));
      const waiting = new Map();
      let sent = 0;
      socket.on('message', (data) => {
        const message = JSON.parse(data);
        if (message.type === 'ACK') {
          if (waiting.has(message.id)) process.send({ done: waiting.get(message.id) });
          waiting.delete(message.id);
        } else if (message.type === 'task_request') {
          const id = `m${++sent}`;
          if (name === 'third') waiting.set(id, message.orchestrationId);
          const { id: taskId, executionId, idempotencyKey } = message;
          const result = { task: { value: 'x' } };
          socket.send(
            JSON.stringify({
              id,
              payload: { type: 'task_result', taskId, executionId, serviceId, idempotencyKey, result, error: null },
            }),
          );
        }
      });
    }),
  );
  process.send({ ready: true });
  process.on('disconnect', () => process.exit(0));
}

async function drive() {
  const { createEngine } = await import('../dist/index.mjs');
  const { silentLogger } = await import('@orra-ts/common');
  const concurrency = argument('concurrency', 256);
  const seconds = argument('seconds', 5);
  const storage = mkdtempSync(path.join(tmpdir(), 'orra-bench-'));
  const engine = await createEngine({ port: 0, storage, logger: silentLogger });
  const { apiKey } = await engine.createProject({ name: 'bench' });
  const worker = fork(fileURLToPath(import.meta.url), ['worker', JSON.stringify({ url: engine.url, apiKey })]);
  const started = new Map();
  const latencies = [];
  let done = 0;
  let sending = true;
  const submission = {
    action: { content: 'bench' },
    data: [{ field: 'value', value: 'v' }],
    plan: { tasks: NAMES.map((service, i) => ({ id: `task${i + 1}`, service, input: { value: `$task${i}.value` } })) },
  };
  const early = new Set();
  const finish = (id) => {
    latencies.push(performance.now() - started.get(id));
    started.delete(id);
    done++;
    if (sending) void submit();
  };
  const submit = async () => {
    const at = performance.now();
    const { id } = await post(`${engine.url}/orchestrations`, apiKey, submission);
    started.set(id, at);
    if (early.delete(id)) finish(id);
  };
  await new Promise((resolve) => {
    worker.on('message', (message) => {
      if (message.ready) return resolve();
      if (started.has(message.done)) finish(message.done);
      else early.add(message.done);
    });
  });
  for (let i = 0; i < concurrency; i++) void submit();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  latencies.length = 0;
  const [before, cpu] = [done, process.cpuUsage()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const count = done - before;
  const used = process.cpuUsage(cpu);
  sending = false;
  while (started.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  latencies.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      concurrency,
      perSecond: Math.round(count / seconds),
      p50Ms: Number(latencies[latencies.length >> 1]?.toFixed(2)),
      p99Ms: Number(latencies[Math.floor(latencies.length * 0.99)]?.toFixed(2)),
      engineAndDriverCpu: Number(((used.user + used.system) / 1e6 / seconds).toFixed(2)),
      rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
    }),
  );
  worker.disconnect();
  await engine.close();
  agent.destroy();
  rmSync(storage, { recursive: true, force: true });
  process.exit(0);
}
