/** The WebSocket endpoint on real sockets, in front of a core that commits when the test says so. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { FakeServiceSocket } from '@orra-ts/fakes';
import type { EngineMessage } from '@orra-ts/protocol';
import {
  API_KEY,
  MemoryLogger,
  SERVICE_ID,
  settled,
  startGateway,
  type GatewayUnderTest,
} from './support/gateway-under-test';
import { pluck, type Json } from './support/json';

const recorded = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-rules.json'), 'utf8')) as {
  ackRules: { rule: string; sent: Json; ack: Json }[];
};

let under: GatewayUnderTest;
const logger = new MemoryLogger();
beforeEach(async () => {
  logger.lines.length = 0;
  under = await startGateway({ logger });
});
afterEach(async () => {
  await under.gateway.drain();
  await under.gateway.close();
});

const wrapped = (id: string, payload: object): object => ({ id, payload: { serviceId: SERVICE_ID, ...payload } });
const result = (id: string, more: object = {}): object =>
  wrapped(id, { type: 'task_result', idempotencyKey: `key-${id}`, result: { task: {} }, ...more });
const wsUrl = (query: Record<string, string>, url = under.url): string =>
  `${url.replace('http', 'ws')}/ws?${new URLSearchParams(query).toString()}`;

describe('connecting', () => {
  test.each([
    ['an unknown key', { serviceId: SERVICE_ID, apiKey: 'sk-orra-v1-unknown' }],
    ['no key', { serviceId: SERVICE_ID }],
  ])('with %s is a 403 without a body', async (_, query) => {
    const { status, headers, body } = await FakeServiceSocket.refused(wsUrl(query));
    expect({ status, body, version: headers['x-orra-planeengine-version'] }).toEqual({
      status: 403,
      body: '',
      version: '0.2.5',
    });
  });

  test.each([
    ['an unknown service', { serviceId: 's_unknown', apiKey: API_KEY }],
    ['no service', { apiKey: API_KEY }],
  ])('with %s is the original’s generic 500', async (_, query) => {
    const { status, headers, body } = await FakeServiceSocket.refused(wsUrl(query));
    expect(status).toBe(500);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      error: { kind: 'unanticipated error', code: 'Unanticipated', message: 'Unexpected error - contact support' },
    });
  });

  test('takes the key from an Authorization header, which wins over the query', async () => {
    const socket = await under.connect({ serviceId: SERVICE_ID }, { authorization: `Bearer ${API_KEY}` });
    expect(under.core.connections).toHaveLength(1);
    socket.close();
    const { status } = await FakeServiceSocket.refused(wsUrl({ serviceId: SERVICE_ID, apiKey: API_KEY }), {
      headers: { authorization: 'Bearer other' },
    });
    expect(status).toBe(403);
  });

  test('negotiates neither compression nor a subprotocol, and says its version', async () => {
    const socket = await FakeServiceSocket.open(wsUrl({ serviceId: SERVICE_ID, apiKey: API_KEY }), {});
    expect(socket.webSocket.extensions).toBe('');
    expect(socket.webSocket.protocol).toBe('');
    expect(socket.headers['x-orra-planeengine-version']).toBe('0.2.5');
  });

  test('elsewhere than at /ws is a 404', async () => {
    const { status, body } = await FakeServiceSocket.refused(`${under.url.replace('http', 'ws')}/other`);
    expect([status, body]).toEqual([404, '404 page not found\n']);
  });

  test.each(['//', 'http://[', '//:x'])(
    'with the target %s, which is no URL, is a 400 and hurts nobody else',
    async (target) => {
      const socket = connectTcp(Number(new URL(under.url).port), '127.0.0.1');
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      await once(socket, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      await under.connect();
    },
  );

  test('writes no key into the log', async () => {
    await FakeServiceSocket.refused(wsUrl({ serviceId: SERVICE_ID, apiKey: 'sk-secret' }));
    expect(JSON.stringify(logger.lines)).toContain('apiKey=[hidden]');
    expect(JSON.stringify(logger.lines)).not.toContain('sk-secret');
  });

  const plain = (target: string, options: object = {}): Promise<{ status?: number; headers: Json; body: string }> =>
    new Promise((resolve, reject) => {
      request(`${under.url}${target}`, options, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      })
        .on('error', reject)
        .end();
    });

  test('without an upgrade is refused in the same order: key, service, then the handshake', async () => {
    const good = `/ws?serviceId=${SERVICE_ID}&apiKey=${API_KEY}`;
    const { status, headers, body } = await plain(good);
    expect([status, headers['sec-websocket-version']]).toEqual([400, '13']);
    expect(body).toBe(
      'Bad Request\n{"error":{"kind":"unanticipated error","message":"websocket: the client is not using the websocket protocol: \'upgrade\' token not found in \'Connection\' header"}}\n',
    );
    expect((await plain(good, { method: 'POST' })).status).toBe(405);
    expect((await plain('/ws?serviceId=s_x&apiKey=no')).status).toBe(403);
    expect((await plain(`/ws?serviceId=s_x&apiKey=${API_KEY}`)).status).toBe(500);
  });

  test('with a broken handshake is a 400 that names the fault', async () => {
    const { port } = new URL(under.url);
    const socket = connectTcp(Number(port), '127.0.0.1');
    socket.write(
      `GET /ws?serviceId=${SERVICE_ID}&apiKey=${API_KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('Sec-WebSocket-Version: 13');
    expect(answer).toMatch(
      /\r\n\r\nBad Request\n\{"error":\{"kind":"unanticipated error","message":"websocket: .+"\}\}\n$/,
    );
  });
});

describe('acknowledgement', () => {
  test.each(recorded.ackRules)('$rule (ack-rules)', async ({ sent, ack }) => {
    const socket = await under.connect();
    socket.send(JSON.stringify(sent).replaceAll('$SERVICE', SERVICE_ID));
    const received = await settled(socket);
    expect(received).toEqual(ack === null ? [] : [ack]);
  });

  test('E1: waits until the host has committed', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    socket.send(result('m1'));
    await under.core.until(1);
    expect(await settled(socket)).toEqual([]);
    under.core.handed[0]!.commit();
    expect(await socket.next()).toEqual([{ type: 'ACK', id: 'm1' }]);
  });

  test('E1: what could not be stored is not acknowledged, and the socket goes on', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    socket.send(result('m1'));
    socket.send(result('m2'));
    await under.core.until(2);
    under.core.handed[0]!.refuse();
    under.core.handed[1]!.commit();
    expect(await socket.next()).toEqual([{ type: 'ACK', id: 'm2' }]);
    expect(await settled(socket)).toEqual([]);
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('a defect of the core is logged and neither acknowledged nor the end of the process', async () => {
    under.core.throwsAtOnce = true;
    const socket = await under.connect();
    socket.send(result('m1'));
    expect(await settled(socket)).toEqual([]);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { error: 'a defect of the core' } });
  });

  test('messages are handed over in the order sent, without waiting for each other', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    const ids = Array.from({ length: 50 }, (_, index) => `m${index}`);
    for (const id of ids) socket.send(result(id));
    await under.core.until(ids.length);
    expect(
      under.core.handed.map(({ message }) => (message.type === 'pong' ? undefined : message.idempotencyKey)),
    ).toEqual(ids.map((id) => `key-${id}`));
    // One group commit.
    for (const { commit } of under.core.handed) commit();
    expect(pluck(await socket.next(ids.length), 'id')).toEqual(ids);
  });

  test('E7: a message that names another service has no effect, but is acknowledged', async () => {
    const socket = await under.connect();
    socket.send(result('m1', { serviceId: 's_other' }));
    expect(await settled(socket)).toEqual([{ type: 'ACK', id: 'm1' }]);
    expect(under.core.handed).toEqual([]);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { names: 's_other' } });
  });

  test('a malformed answer with a readable key fails its attempt, and is acknowledged where the original does', async () => {
    const socket = await under.connect();
    socket.send(wrapped('m1', { type: 'task_result', idempotencyKey: 'k1', result: 'text' }));
    socket.send(wrapped('m2', { type: 'task_result', idempotencyKey: 'k2', result: null, error: { message: 'x' } }));
    expect(await settled(socket)).toEqual([{ type: 'ACK', id: 'm1' }]);
    expect(under.core.malformedKeys.map(([key]) => key)).toEqual(['k1', 'k2']);
    expect(under.core.malformedKeys[0]![1]).toContain('malformed task_result: result ');
    expect(logger.lines.find(({ level }) => level === 'warn')).toMatchObject({ fields: { path: '/payload/result' } });
  });

  test('a malformed answer that names another service fails nobody’s attempt', async () => {
    const socket = await under.connect();
    socket.send({ id: 'm1', payload: { type: 'task_result', serviceId: 's_other', idempotencyKey: 'k', result: 5 } });
    await settled(socket);
    expect(under.core.malformedKeys).toEqual([]);
  });

  test('a client that sends nothing but rubbish does not fill the log', async () => {
    const socket = await under.connect();
    for (let i = 0; i < 1_000; i++) socket.send('rubbish');
    await settled(socket);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(10);
  });
});

describe('limits', () => {
  const padded = (id: string, bytes: number): string => {
    const message = JSON.stringify(wrapped(id, { type: 'task_status', pad: '' }));
    return message.replace('"pad":""', `"pad":"${'x'.repeat(bytes - message.length)}"`);
  };

  test('a message of exactly the limit passes, one byte more is closed with 1009 (message-limits)', async () => {
    const socket = await under.connect();
    socket.send(padded('fits', 10_240));
    expect(await socket.next()).toEqual([{ type: 'ACK', id: 'fits' }]);
    socket.send(padded('too-big', 10_241));
    expect((await socket.untilClosed()).code).toBe(1009);
    await under.core.until(2);
    expect(under.core.lost).toEqual(under.core.connections);
    expect(logger.lines.some(({ level, message }) => level === 'warn' && message.includes('1009'))).toBe(true);
  });

  test('binary frames are ignored without an ACK', async () => {
    const socket = await under.connect();
    socket.webSocket.send(Buffer.from(JSON.stringify(result('m1'))), { binary: true });
    expect(await settled(socket)).toEqual([]);
    expect(under.core.handed).toEqual([]);
  });

  const work = (bytes: number): EngineMessage => ({
    type: 'task_request',
    id: 't',
    input: 'x'.repeat(bytes),
    executionId: 'e',
    idempotencyKey: 'k',
    serviceId: SERVICE_ID,
  });

  test('E8: more work than the buffer takes is refused until the client has read, and nobody is cut off', async () => {
    const socket = await under.connect();
    const [connection] = under.core.connections;
    // In one turn: nothing can have left yet.
    let sent = 0;
    while (connection!.send(work(256 * 1024))) sent++;
    expect(under.core.lost).toEqual([]);
    await once(under.core.events, 'writable');
    expect(connection!.send(work(1))).toBe(true);
    expect((await socket.next(sent + 1)).at(-1)).toEqual(work(1));
  });

  test('E8: a client that does not read gets no more work, and is cut off when pings stay unanswered', async () => {
    const socket = await under.connect();
    socket.webSocket.pause();
    const [connection] = under.core.connections;
    let sent = 0;
    while (connection!.send(work(256 * 1024))) {
      if (++sent > 1_000) throw new Error('never refused');
      await new Promise(setImmediate);
    }
    await under.clock.advance(60_000);
    expect(under.core.lost).toEqual([connection]);
    expect(connection!.send({ type: 'ping' })).toBe(false);
  });

  test('E8: a client that sends and does not read is cut off', async () => {
    const socket = await under.connect();
    socket.webSocket.pause();
    const id = 'x'.repeat(10_000);
    while (under.core.lost.length === 0) {
      socket.send(wrapped(id, { type: 'task_status' }));
      await new Promise(setImmediate);
    }
    expect(under.core.lost).toEqual(under.core.connections);
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { maxBufferedBytes: 1024 * 1024 } });
    socket.webSocket.resume();
    expect((await socket.untilClosed()).code).toBe(1006);
  });

  test('E8: a client that sends faster than the host commits is held, and goes on when it has', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    for (let i = 0; i < 3_000; i++) socket.send(result(`m${i}`, { pad: 'x'.repeat(1_000) }));
    await under.core.until(1_000);
    await new Promise(setImmediate);
    // What one read of the socket holds may still come; the rest waits at the client.
    expect(under.core.handed.length).toBeLessThan(1_200);
    for (let i = 0; i < 3_000; i++) {
      await under.core.until(i + 1);
      under.core.handed[i]!.commit();
    }
    expect(await socket.next(3_000)).toHaveLength(3_000);
  });
});

describe('heartbeat', () => {
  const pings = async (socket: FakeServiceSocket): Promise<number> => {
    const [frame] = await Promise.all([once(socket.webSocket, 'ping'), under.clock.advance(54_000)]);
    return frame.length;
  };

  test('a JSON ping and a protocol ping every 54 s; whoever answers both stays (heartbeat-js)', async () => {
    const socket = await under.connect();
    for (let round = 0; round < 3; round++) {
      await pings(socket);
      expect(await socket.next()).toEqual([{ type: 'ping', serviceId: SERVICE_ID }]);
      socket.send({ id: 'pong', payload: { type: 'pong', serviceId: SERVICE_ID } });
      expect(await settled(socket)).toEqual([]);
    }
    expect(socket.closed).toBeUndefined();
  });

  test('without a JSON pong it is closed without a status at the second ping, and the host hears of it (pong-timeout)', async () => {
    const socket = await under.connect();
    await pings(socket);
    // Its protocol pong must have arrived, or this were a test of the other wait.
    socket.send(wrapped('status', { type: 'task_status' }));
    await socket.next(2);
    await under.clock.advance(54_000);
    expect(await socket.untilClosed()).toEqual({ code: 1005, reason: '' });
    expect(under.core.lost).toEqual(under.core.connections);
  });

  test('without a protocol pong it is cut off 60 s after connecting, whatever it sends', async () => {
    const socket = await FakeServiceSocket.open(wsUrl({ serviceId: SERVICE_ID, apiKey: API_KEY }), { autoPong: false });
    await pings(socket);
    await settled(socket);
    await under.clock.advance(6_000);
    expect((await socket.untilClosed()).code).toBe(1006);
    expect(under.core.lost).toEqual(under.core.connections);
  });

  test('a commit that takes long does not delay pongs', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    socket.send(result('slow'));
    await under.core.until(1);
    for (let round = 0; round < 3; round++) {
      await pings(socket);
      await socket.next();
      socket.send({ id: 'pong', payload: { type: 'pong', serviceId: SERVICE_ID } });
      await settled(socket);
    }
    expect(socket.closed).toBeUndefined();
    under.core.handed[0]!.commit();
    expect(await socket.next()).toEqual([{ type: 'ACK', id: 'slow' }]);
  });
});

describe('replicas', () => {
  test('several sockets of one service live side by side; one that closes takes only itself (duplicate-connection)', async () => {
    const first = await under.connect();
    const second = await under.connect();
    expect(under.core.connections).toHaveLength(2);
    first.close();
    await first.untilClosed();
    await under.core.until(1);
    expect(under.core.lost).toEqual([under.core.connections[0]]);
    expect(under.core.connections[1]!.send({ type: 'ping' })).toBe(true);
    expect(await second.next()).toEqual([{ type: 'ping' }]);
  });

  test('`task-meta` is a matter of the service’s registration', async () => {
    await under.connect();
    under.core.service = { ...under.core.service, capabilities: ['task-meta'] };
    await under.connect();
    expect(under.core.connections.map(({ taskMeta }) => taskMeta)).toEqual([false, true]);
  });
});

describe('stopping', () => {
  test('commits under way are acknowledged, then every socket is closed with 1012; later messages are not taken', async () => {
    under.core.commitsAtOnce = false;
    const socket = await under.connect();
    const idle = await under.connect();
    socket.send(result('m1'));
    await under.core.until(1);
    const drained = under.gateway.drain();
    expect((await idle.untilClosed()).code).toBe(1012);
    socket.send(result('m2'));
    socket.webSocket.ping();
    await once(socket.webSocket, 'pong');
    under.core.handed[0]!.commit();
    expect(await socket.next()).toEqual([{ type: 'ACK', id: 'm1' }]);
    expect((await socket.untilClosed()).code).toBe(1012);
    await drained;
    expect(under.core.handed).toHaveLength(1);
  });

  test('no pause is reported for the sockets that the end of the engine closes', async () => {
    const socket = await under.connect();
    await under.gateway.drain();
    await socket.untilClosed();
    await under.gateway.close();
    expect(under.core.lost).toEqual([]);
    expect(under.clock.pendingTimers).toBe(0);
  });
});
