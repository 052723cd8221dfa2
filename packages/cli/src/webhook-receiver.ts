/** `orra verify webhooks start`: receives webhooks on this machine and prints them. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { describeThrown, parseHttpUrl, whenAborted } from '@orra-ts/common';
import { WEBHOOK_EVENT_HEADER } from '@orra-ts/protocol';
import type { OutputFlags } from './command';
import { CliError } from './errors';
import { untilInterrupted } from './interrupt';
import { jsonLines } from './output/box';
import { escapeControlCharacters } from './output/terminal-string';
import type { Session } from './session';

/** Port for URLs without one, as in the Go CLI. */
const DEFAULT_PORT = 8888;
/** Larger than any request of an engine. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export async function receiveWebhooks(
  session: Session,
  { output: format }: OutputFlags,
  text: string,
): Promise<undefined> {
  const project = session.project();
  const url = parseWebhookUrl(text);
  const { webhooks = [], compensation_failure_webhooks: forCompensations = [] } = project.stored;
  if (![...webhooks, ...forCompensations].some((known) => isSame(known, url))) {
    throw new CliError(
      'ORRA_UNKNOWN_WEBHOOK',
      `${escapeControlCharacters(text)} is not a webhook of project ${project.name}`,
      {
        next: `add it with \`orra webhooks add ${escapeControlCharacters(text)}\`; \`orra webhooks ls\` lists them`,
      },
    );
  }
  const output = session.output(format);
  const server = createServer((request, response) => {
    void receive(request, response, url.pathname).then((received) => {
      if (!received) return;
      const { event, body } = received;
      const title = `Received${event === undefined ? '' : ` ${escapeControlCharacters(event)}`} on ${escapeControlCharacters(url.pathname)}:`;
      output.showNext(body, () => [
        title,
        ...(typeof body === 'string' ? [escapeControlCharacters(body)] : jsonLines(body)),
        '',
      ]);
    });
  });
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  await listen(server, port, addressFor(url.hostname));
  return untilInterrupted(
    session.io,
    async (signal) => {
      const listening = `Listening for webhooks on http://localhost:${port}${url.pathname}; Ctrl-C stops it`;
      if (output.isHumanReadable) output.info(listening, '');
      else session.note(listening);
      await whenAborted(signal);
      await close(server);
      output.info(`Stopped listening for webhooks of ${escapeControlCharacters(text)}`);
      return undefined;
    },
    () => undefined,
  );
}

/** @throws CliError `ORRA_INVALID_WEBHOOK` */
export function parseWebhookUrl(text: string): URL {
  const url = parseHttpUrl(text);
  if (url) return url;
  throw new CliError('ORRA_INVALID_WEBHOOK', `${JSON.stringify(text)} is not a URL that an engine can call`, {
    next: 'pass a URL such as http://localhost:8888/orra',
  });
}

/** Compares URLs. An engine in a container calls this machine `host.docker.internal`. */
function isSame(known: string, url: URL): boolean {
  if (!URL.canParse(known)) return false;
  const normal = ({ protocol, hostname, port, pathname, search }: URL): string => {
    const host = hostname === 'host.docker.internal' ? 'localhost' : hostname;
    return `${protocol}//${host}:${port}${pathname}${search}`;
  };
  return normal(new URL(known)) === normal(url);
}

/** A webhook with a loopback name is served on the loopback interface only. */
const addressFor = (hostname: string): string | undefined =>
  hostname === 'localhost' || hostname === '127.0.0.1' ? hostname : undefined;

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<{ readonly event: string | undefined; readonly body: unknown } | undefined> {
  const reject = (status: number): undefined => {
    response.writeHead(status, { connection: 'close' }).end();
    return undefined;
  };
  if (request.url?.split('?')[0] !== path) return reject(404);
  if (request.method !== 'POST') return reject(405);
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES) return reject(413);
      parts.push(part);
    }
    const text = Buffer.concat(parts).toString('utf8');
    response.writeHead(200).end();
    const event = request.headers[WEBHOOK_EVENT_HEADER.toLowerCase()];
    return { event: typeof event === 'string' ? event : undefined, body: decode(text) };
  } catch {
    // The sender disconnected. An engine retries the request.
    return undefined;
  }
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function listen(server: Server, port: number, address: string | undefined): Promise<void> {
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (cause) {
    throw new CliError('ORRA_LISTEN_FAILED', `cannot listen on port ${port}: ${describeThrown(cause)}`, {
      next: 'stop the process that uses the port, or add a webhook with another port',
      cause,
    });
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
