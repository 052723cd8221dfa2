/** One suite for both versions: what callers can rely on is the same. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProgressUpdate } from '@orra-ts/sdk';
import { createImageApp } from '../src/after/app';
import { createImageServer } from '../src/before/server';

process.env['ORRA_LOG_LEVEL'] = 'silent';

interface Outcome {
  readonly status: 'completed' | 'refused';
  readonly body: unknown;
}

interface Analysis {
  analyse(url: string): Promise<Outcome>;
  close(): Promise<void>;
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
const end = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};

async function before(): Promise<Analysis> {
  const server = createImageServer();
  const address = await listen(server);
  return {
    analyse: async (url) => {
      const response = await fetch(address, { method: 'POST', body: JSON.stringify({ url }) });
      const body: unknown = await response.json();
      return { status: response.status === 200 ? 'completed' : 'refused', body };
    },
    close: () => end(server),
  };
}

const messages: unknown[] = [];

async function after(): Promise<Analysis> {
  const app = await createImageApp();
  await app.start();
  return {
    analyse: async (url) => {
      const order = await app.orra.action(`Analyse the image ${url}`).with({ url }).submit();
      for await (const { data } of order.updates()) messages.push((data as ProgressUpdate).message);
      const result = await order.result();
      if (result.status === 'completed') return { status: 'completed', body: result.output };
      return { status: 'refused', body: result.status === 'aborted' ? result.payload : result };
    },
    close: () => app.close(),
  };
}

/** The first bytes of a PNG image of 640 x 480. */
const image = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  Buffer.from('00000280000001e0', 'hex'),
  Buffer.alloc(9),
]);

let images: Server;
let origin: string;
beforeAll(async () => {
  images = createServer((request, response) => {
    if (request.url === '/photo.png') response.end(image);
    else if (request.url === '/notes.txt') response.end('notes');
    else response.writeHead(404).end();
  });
  origin = await listen(images);
});
afterAll(() => end(images));

describe.each([
  ['before', before],
  ['after', after],
])('the service %s', (_, start) => {
  let analysis: Analysis;
  beforeAll(async () => (analysis = await start()));
  afterAll(() => analysis.close());

  it('reads format and size of an image', async () => {
    expect(await analysis.analyse(`${origin}/photo.png`)).toEqual({
      status: 'completed',
      body: { format: 'png', width: 640, height: 480, bytes: 33 },
    });
  });

  it.each([
    ['/missing.png', 'status 404'],
    ['/notes.txt', 'not a PNG image'],
  ])('refuses %s with the reason', async (path, reason) => {
    expect(await analysis.analyse(`${origin}${path}`)).toEqual({ status: 'refused', body: { reason } });
  });
});

it('the service after reports its progress', async () => {
  messages.length = 0;
  const analysis = await after();
  await analysis.analyse(`${origin}/photo.png`);
  await analysis.close();
  expect(messages).toEqual([`${origin}/photo.png`, '33 bytes']);
});
