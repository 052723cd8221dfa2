/** The service before: it holds a connection per image, has no progress, and forgets its work when it stops. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ImageNotAccessible, analyse, download } from '../image';

export function createImageServer(): Server {
  return createServer((request, response) => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    handle(request).then(
      (info) => reply(200, info),
      (error: unknown) => {
        if (error instanceof ImageNotAccessible) reply(422, { reason: error.reason });
        else reply(500, { error: String(error) });
      },
    );
  });
}

async function handle(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { url } = JSON.parse(Buffer.concat(chunks).toString()) as { url: string };
  return analyse(url, await download(url));
}
