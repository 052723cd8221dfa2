/** Webhooks that are received on this machine, from a real engine and from other clients. */
import { createServer } from 'node:http';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import { type Engine, createEngine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';
import { silentLogger } from '@orra-ts/common';
import { CliHome, type Run } from './harness';

let engine: Engine;
let home: CliHome;
beforeAll(async () => {
  const plan = { tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] };
  const input = { type: 'object', properties: { message: { type: 'string' } } };
  const plans = [{ name: 'say-hello', action: 'Say hello', input, plan }];
  engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger, plans });
});
afterAll(() => engine.close());
beforeEach(async () => {
  home = new CliHome();
  await home.run(['projects', 'add', 'shop', '--server', engine.url]);
});
afterEach(() => home.remove());

async function freePort(): Promise<number> {
  const server = createSocket();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs the receiver, calls the function when it listens, and stops it after that and after `until` was printed. */
function receiving(
  url: string,
  flags: readonly string[],
  act: () => Promise<unknown>,
  until: (out: string) => boolean = () => true,
): Promise<Run> {
  let acting: Promise<unknown> | undefined;
  let hasActed = false;
  let printed = '';
  let stop: () => void = () => undefined;
  let isStopping = false;
  const stopOnce = (): void => {
    if (isStopping || !hasActed || !until(printed)) return;
    isStopping = true;
    stop();
  };
  const onOutput = (out: string, interrupt: () => void): void => {
    printed = out;
    stop = interrupt;
    acting ??= act().finally(() => {
      hasActed = true;
      stopOnce();
    });
    stopOnce();
  };
  return home.run(['verify', 'webhooks', 'start', url, ...flags], { onOutput });
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

describe('webhooks add', () => {
  it('stores the URL in the config, and prints the secret that signs the requests', async () => {
    const { code, out } = await home.run(['webhooks', 'add', 'http://127.0.0.1:18877/hook']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Secret: {2}whsec_\S+$/m)]);
    expect(JSON.parse((await home.run(['webhooks', 'ls', '-o', 'json'])).out)).toEqual([
      { url: 'http://127.0.0.1:18877/hook' },
    ]);
  });

  it('rejects an invalid URL before a request', async () => {
    const { code, err } = await home.run(['comp-fail', 'webhooks', 'add', '/x']);
    expect([code, err]).toEqual([1, expect.stringContaining('"/x" is not a URL')]);
  });
});

describe('verify webhooks start', () => {
  it('prints the requests to a webhook of the project, and ends on Ctrl-C', async () => {
    const url = `http://127.0.0.1:${await freePort()}/hook`;
    await home.run(['webhooks', 'add', url]);
    const statuses: number[] = [];
    const { code, out, err } = await receiving(
      url,
      [],
      async () => {
        const body = JSON.stringify({ type: 'orchestration.completed', results: [{ receipt: 'r-1' }] });
        statuses.push((await post(url, body, { 'x-orra-event': 'orchestration.completed' })).status);
        statuses.push((await post(`${url}/other`, '{}')).status, (await fetch(url)).status);
      },
      (text) => text.includes('receipt'),
    );
    expect({ code, err, statuses }).toEqual({ code: 0, err: '', statuses: [200, 404, 405] });
    expect(out).toContain('Received orchestration.completed on /hook:\n  {\n    "type": "orchestration.completed",');
  });

  it('accepts the localhost URL of a webhook that was added for an engine in a container', async () => {
    const port = await freePort();
    const known = {
      ...home.config.projects?.['shop'],
      compensation_failure_webhooks: [`http://host.docker.internal:${port}/hook`],
    };
    home.config = { ...home.config, projects: { shop: known } };
    const url = `http://localhost:${port}/hook`;
    expect((await receiving(url, [], () => post(url, '{}'))).code).toBe(0);
  });

  it('rejects a URL that is not a webhook of the project, with a hint', async () => {
    const { code, err } = await home.run(['verify', 'webhooks', 'start', 'http://127.0.0.1:18899/none']);
    expect([code, err]).toEqual([1, expect.stringContaining('orra webhooks add http://127.0.0.1:18899/none')]);
  });

  it('reports a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/hook`;
    await home.run(['webhooks', 'add', url]);
    const { code, err } = await home.run(['verify', 'webhooks', 'start', url]);
    await new Promise((resolve) => other.close(resolve));
    expect([code, err]).toEqual([1, expect.stringMatching(/cannot listen on port \d+: .*EADDRINUSE/)]);
  });

  it('prints the request of a real engine after an orchestration has ended', async () => {
    const apiKey = home.config.projects?.['shop']?.cli_auth ?? '';
    const service = await FakeService.start({ url: engine.url, apiKey, name: 'echo' });
    const url = `http://127.0.0.1:${await freePort()}/results`;
    await home.run(['webhooks', 'add', url]);
    const { out } = await receiving(
      url,
      ['-o', 'json'],
      () => home.run(['verify', 'run', 'Say hello', '-d', 'message:hello']),
      (text) => text.includes('orchestration.completed'),
    );
    await service.close();
    expect(JSON.parse(out)).toMatchObject({
      type: 'orchestration.completed',
      project_id: home.config.projects?.['shop']?.id,
      results: [{ message: 'hello' }],
    });
  });
});
