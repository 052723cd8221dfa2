/** Signals and the end of real processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

interface Setup {
  readonly services: readonly string[];
  readonly owner?: boolean;
}

class AppProcess {
  private readonly reports: string[] = [];
  private output = '';

  constructor(private readonly child: ChildProcess) {
    child.on('message', (report) => this.reports.push(report as string));
    child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
  }

  async reported(report: string): Promise<void> {
    while (!this.reports.includes(report)) await once(this.child, 'message');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  endHandler(): void {
    this.child.send('end');
  }

  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> {
    const [code, signal] = (await once(this.child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, output: this.output };
  }
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Resolves when the handler of the service `busy` runs. */
async function start(setup: Setup): Promise<AppProcess> {
  const file = require.resolve('./shutdown-child.cjs');
  const stdio = ['ignore', 'pipe', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [file, JSON.stringify(setup)], { stdio: [...stdio] });
  children.push(child);
  const started = new AppProcess(child);
  await started.reported('begun');
  return started;
}

it.each([[['busy', 'idle']], [['idle', 'busy']]])(
  'L3: the process ends after the last application has closed, started as %j',
  async (services) => {
    const app = await start({ services });
    app.signal('SIGTERM');
    await app.reported('idle closed');
    const ended = app.ended();
    app.endHandler();
    expect(await ended).toEqual({ code: 0, signal: null, output: 'outcomes: 1\n' });
  },
);

it.each<[NodeJS.Signals, NodeJS.Signals]>([
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
])('%s drains, and %s during the drain ends the process at once', async (first, second) => {
  const app = await start({ services: ['busy', 'idle'] });
  app.signal(first);
  await app.reported('busy draining');
  const ended = app.ended();
  app.signal(second);
  expect(await ended).toMatchObject({ code: null, signal: second });
});

it('L3: other code that owns the signal awaits the drain with close(), and ends the process itself', async () => {
  const app = await start({ services: ['busy', 'idle'], owner: true });
  app.signal('SIGTERM');
  await app.reported('busy draining');
  const ended = app.ended();
  app.endHandler();
  expect(await ended).toEqual({ code: 7, signal: null, output: 'outcomes: 1\n' });
});
