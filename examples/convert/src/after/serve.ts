/** The process in production: the engine is that of ORRA_URL and ORRA_API_KEY, and probes read the health over HTTP. */
import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OrraFactory } from '@orra-ts/sdk';
import { ImageService } from './image-service';

async function main(): Promise<void> {
  const app = await OrraFactory.create({ services: [ImageService], shutdownHooks: true, drainTimeout: '20s' });
  const probes = createServer((request, response) => {
    const { status } = app.health();
    const isUp = request.url === '/live' || status === 'ready';
    response.writeHead(isUp ? 200 : 503).end(status);
  });
  probes.listen(Number(process.env['PROBE_PORT'] ?? 8080));
  await app.start();
  console.log(`ready, probes on port ${(probes.address() as AddressInfo).port}`);
}

void main();
