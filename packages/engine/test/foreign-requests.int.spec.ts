/** An engine on loopback and the pages that a browser on this machine shows. */
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { FakeService } from '@orra-ts/fakes';
import type { EngineOptions } from '../src';
import { withEngine } from './support/with-engine';

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** The status of the response to a request with exactly these headers. */
function statusOf(port: number, line: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const lines = Object.entries({ Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.on('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(Number(data.toString('latin1').split(' ')[1]));
    });
    socket.write([`${line} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  });
}

async function responses(headers: Record<string, string>, options: EngineOptions = {}): Promise<number[]> {
  const { engine, client } = await withEngine(options);
  const { port, url } = engine;
  const authorization = `Bearer ${client.key}`;
  const worker = await FakeService.start({ url, apiKey: client.key, name: 'worker', description: 'works' });
  await worker.close();
  return [
    await statusOf(port, 'GET /orchestrations', {
      Host: `127.0.0.1:${port}`,
      Authorization: authorization,
      ...headers,
    }),
    await statusOf(port, `GET /ws?serviceId=${worker.id}&apiKey=${client.key}`, {
      Host: `127.0.0.1:${port}`,
      ...UPGRADE,
      ...headers,
    }),
  ];
}

it.each([
  { Origin: 'http://evil.example' },
  { Origin: 'null' },
  { Origin: 'http://localhost.evil.example' },
  { Host: 'evil.example:8005' },
  { Host: 'evil.example', Origin: 'http://localhost:3000' },
])('refuses %j', async (headers) => {
  expect(await responses(headers as Record<string, string>)).toEqual([403, 403]);
});

it.each([
  {},
  { Host: 'localhost:1234' },
  { Host: '[::1]:8005' },
  { Host: hostname() },
  { Origin: 'http://localhost:3000' },
  { Origin: 'https://127.0.0.1' },
  { Origin: 'http://app.localhost:5173' },
])('accepts %j', async (headers) => {
  expect(await responses(headers as Record<string, string>)).toEqual([200, 101]);
});

it('accepts the hosts and origins of its options', async () => {
  const options = { allowedHosts: ['engine.test'], allowedOrigins: ['https://app.example'] };
  const headers = { Host: 'engine.test:80', Origin: 'https://app.example' };
  expect(await responses(headers, options)).toEqual([200, 101]);
  expect(await responses({ ...headers, Origin: 'https://other.example' }, options)).toEqual([403, 403]);
});

it('an engine beyond loopback has names that it does not know, and refuses none', async () => {
  expect(await responses({ Host: 'engine.example', Origin: 'https://app.example' }, { host: '0.0.0.0' })).toEqual([
    200, 101,
  ]);
});
