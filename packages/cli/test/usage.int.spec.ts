/** The command line itself: flags, help, usage errors, formats, colours, width. */
import type { Command } from 'commander';
import type { FakeHttpEngine } from '@orra-ts/fakes';
import { processIo } from '@orra-ts/common/process';
import { Runner } from '../src/command';
import { buildProgram } from '../src/program';
import { CliHome, startGoEngine } from './harness';

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  home = new CliHome();
  engine.reset();
  home.config = {
    current_project: 'shop',
    projects: { shop: { id: 'p_1', cli_auth: 'sk-orra-v1-0123456789abcdef', server_addr: engine.url } },
  };
});
afterEach(() => home.remove());

const commands = (() => {
  const all = new Map<string, Command>();
  const visit = (command: Command, path: readonly string[]): void => {
    for (const child of command.commands) {
      for (const name of [child.name(), ...child.aliases()]) all.set([...path, name].join(' '), child);
      visit(child, [...path, child.name()]);
    }
  };
  visit(buildProgram(new Runner(processIo())), []);
  return all;
})();

describe('the Go CLI', () => {
  it.each([
    ['projects add', ['--server']],
    ['projects ls', []],
    ['projects use', []],
    ['webhooks add', []],
    ['webhooks ls', []],
    ['api-keys gen', []],
    ['api-keys ls', []],
    ['verify run', ['-d', '--data', '-t', '--timeout', '-g', '--health-check-grace-period', '-q', '--quiet']],
    ['verify webhooks start', []],
    ['ps', ['-w', '--wide']],
    ['inspect', ['-d', '--detailed', '-u', '--updates', '--long-updates']],
    ['grounding apply', ['-f', '--filename']],
    ['grounding ls', []],
    ['grounding list', []],
    ['grounding rm', ['--all']],
    ['grounding remove', ['--all']],
    ['comp-fail ls', ['-o', '--orchestration', '-s', '--service', '-r', '--resolution', '-l', '--limit', '--all']],
    ['comp-fail list', ['-o', '--all']],
    ['comp-fail inspect', []],
    ['comp-fail resolve', ['-r', '--reason']],
    ['comp-fail ignore', ['-r', '--reason']],
    ['comp-fail webhooks add', []],
    ['comp-fail webhooks ls', []],
    ['config reset', []],
    ['version', []],
  ])('has `orra %s`, and this CLI supports it with every flag', (name, flags) => {
    const command = commands.get(name);
    const known = command?.options.flatMap(({ short, long }) => [short, long]) ?? [];
    expect({ name, missing: flags.filter((flag) => !known.includes(flag)), isThere: command !== undefined }).toEqual({
      name,
      missing: [],
      isThere: true,
    });
  });
});

describe('every command', () => {
  const leaves = [...commands].filter(([, command]) => command.commands.length === 0);

  it.each(leaves)('%s has --output, and -o unless -o is another option', (name, command) => {
    const option = command.options.find(({ long }) => long === '--output');
    expect(option?.argChoices).toEqual(['table', 'wide', 'json', 'yaml']);
    expect(option?.short).toBe(name.startsWith('comp-fail l') ? undefined : '-o');
  });

  it.each(leaves)('%s does not use a short flag twice', (_, { options }) => {
    const shorts = ['-p', '-h', ...options.map(({ short }) => short)].filter((short) => short !== undefined);
    expect(new Set(shorts).size).toBe(shorts.length);
  });

  it.each([...commands])('%s shows its help, the flags of all commands included', async (name) => {
    const { code, out, err } = await home.run([...name.split(' '), '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: orra /);
    expect(out).toContain('--project <name>');
  });
});

describe('usage errors', () => {
  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['projects', 'frobnicate'], "unknown command 'frobnicate'"],
    [['ps', '--frobnicate'], "unknown option '--frobnicate'"],
    [['ps', 'too', 'many'], 'too many arguments'],
    [['inspect'], "missing required argument 'orchestration-id'"],
    [['comp-fail', 'resolve', 'c_1'], "required option '-r, --reason <text>' not specified"],
    [['ps', '-o', 'xml'], "argument 'xml' is invalid"],
  ])('orra %j: %s', async (argv, message) => {
    const { code, out, err } = await home.run(argv);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^⨯ /);
    // Without the word `Error:`, and with the usage.
    expect(err.startsWith('⨯ Error:')).toBe(false);
    expect(err).toContain(message);
    expect(err).toContain('Usage: orra');
    expect(engine.received).toEqual([]);
  });

  it.each(['table', 'wide', 'json', 'yaml'])(
    'comp-fail ls -o %s is rejected: -o is another option there',
    async (format) => {
      const { code, out, err } = await home.run(['comp-fail', 'ls', '-o', format]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`use --output ${format} (-o means --orchestration here, as in the Go CLI)`);
      expect(engine.received).toEqual([]);
    },
  );

  it('a group without a command prints its help, without an error', async () => {
    const { code, out, err } = await home.run(['comp-fail']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('retry');
  });
});

describe('orra --version', () => {
  it.each(['--version', '-V'])('%s prints the bare version', async (flag) => {
    const { version } = jest.requireActual<{ version: string }>('../package.json');
    expect(await home.run([flag])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('flag forms of the Go CLI', () => {
  beforeEach(() => {
    engine.script('GET', '/orchestrations', { status: 200, body: { failed: [{ ...FAILED }] } });
    engine.script('GET', '/compensation-failures', { status: 200, body: [] });
    engine.script('POST', '/orchestrations', { status: 202, body: { id: 'o_1', status: 'pending' } });
  });

  it('-d=name:value is -d name:value, and data may look like flags', async () => {
    await home.run(['verify', 'run', 'x', '-d=a:1', '-db:-p', '--data=c:=2', '-q']);
    expect((engine.received[0]?.body as { data: unknown }).data).toEqual([
      { field: 'a', value: '1' },
      { field: 'b', value: '-p' },
      { field: 'c', value: 2 },
    ]);
  });

  it('--all=true, --all=false, -w=true', async () => {
    expect((await home.run(['comp-fail', 'ls', '--all=true'])).out).toContain('Resolution: all');
    expect((await home.run(['comp-fail', 'ls', '--all=false'])).out).not.toContain('Resolution: all');
    expect((await home.run(['ps', '-w=true'])).out).toContain('ERROR');
  });

  it('arguments after -- stay unchanged', async () => {
    const { code } = await home.run(['verify', 'run', '-q', '--', '-w=true']);
    expect(code).toBe(0);
    expect(engine.received[0]?.body).toMatchObject({ action: { content: '-w=true' } });
  });
});

const FAILED = {
  id: 'o_8y8By25W9MscJE3j93HT4G',
  action: 'Process the order of a customer who has a rather long name',
  status: 'failed',
  timestamp: '2026-11-22T09:28:06Z',
  error: 'no webhook',
};

describe('formats', () => {
  const list = { processing: [{ ...FAILED, id: 'o_2', status: 'processing', error: undefined }], failed: [FAILED] };
  beforeEach(() => engine.script('GET', '/orchestrations', { status: 200, body: list }));

  it('json is the response of the engine, in the order of the table', async () => {
    const { out } = await home.run(['ps', '-o', 'json']);
    expect(JSON.parse(out)).toEqual([...list.processing.map(({ error: _, ...rest }) => rest), FAILED]);
  });

  it('yaml has the same content', async () => {
    const { out } = await home.run(['ps', '--output', 'yaml']);
    expect(out).toContain('- id: o_8y8By25W9MscJE3j93HT4G\n');
    expect(out).toContain('status: failed\n');
  });

  it('wide is -w', async () => {
    const [wide, flag] = [await home.run(['ps', '-o', 'wide']), await home.run(['ps', '-w'])];
    expect(wide.out).toBe(flag.out);
    expect(wide.out).toContain('no webhook');
  });

  it('a table fits a narrow terminal, and is not truncated in a pipe', async () => {
    const terminal = await home.run(['ps'], { columns: 90, env: { NO_COLOR: '1' } });
    expect(Math.max(...terminal.out.split('\n').map(({ length }) => length))).toBe(90);
    expect(terminal.out).toContain('…');
    expect((await home.run(['ps'])).out).toContain(FAILED.action);
  });
});

describe('error codes', () => {
  beforeEach(() => {
    home.config = { ...home.config, projects: { shop: { cli_auth: 'k', server_addr: 'http://127.0.0.1:9' } } };
  });

  it('are one JSON line on standard error with --output json, and nothing else is printed', async () => {
    const { code, out, err } = await home.run(['ps', '-o', 'json']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^.+\n$/);
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'ORRA_UNREACHABLE',
        message: expect.stringContaining('http://127.0.0.1:9'),
        next: expect.stringContaining('orra dev'),
      },
    });
  });

  it('are a YAML document on standard error with --output yaml', async () => {
    const { out, err } = await home.run(['ps', '-o', 'yaml']);
    expect(out).toBe('');
    expect(err).toMatch(/^error:\n {2}code: ORRA_UNREACHABLE\n/);
  });

  it('come with every problem of a file', async () => {
    home.file('plans.yaml', 'name: x\nother: 1\nunknown: 2\n');
    const { err } = await home.run(['plans', 'apply', 'plans.yaml', '-o', 'json']);
    const { error } = JSON.parse(err) as { error: { code: string; lines: string[] } };
    expect(error.code).toBe('ORRA_INVALID_PLAN');
    expect(error.lines.length).toBeGreaterThan(1);
  });

  it('are not shown in tables without --debug', async () => {
    expect((await home.run(['ps'])).err).toMatch(/^⨯ Error: /);
  });
});

describe('colours', () => {
  beforeEach(() => engine.script('GET', '/orchestrations', { status: 200, body: { failed: [FAILED] } }));
  const isColoured = async (options: Parameters<CliHome['run']>[1]) =>
    (await home.run(['ps'], options)).out.includes('\u001b[31m');

  it('are for terminals', async () => {
    expect(await isColoured({ columns: 120 })).toBe(true);
    expect(await isColoured({})).toBe(false);
  });

  it('are off with NO_COLOR and on dumb terminals, on with FORCE_COLOR', async () => {
    expect(await isColoured({ columns: 120, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await isColoured({ columns: 120, env: { TERM: 'dumb' } })).toBe(false);
    expect(await isColoured({ columns: 120, env: { FORCE_COLOR: '0' } })).toBe(false);
    expect(await isColoured({ env: { FORCE_COLOR: '1' } })).toBe(true);
    expect(await isColoured({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).toBe(false);
  });

  it('are not in JSON', async () => {
    expect((await home.run(['ps', '-o', 'json'], { columns: 120 })).out).not.toContain('\u001b');
  });

  it('are not taken from services: their strings cannot control the terminal', async () => {
    const action = 'evil\u001b]0;title\u0007\u001b[2J';
    engine.script('GET', '/orchestrations', { status: 200, body: { failed: [{ ...FAILED, action }] } });
    const { out } = await home.run(['ps']);
    expect(out).toContain('evil\\u001b]0;title\\u0007\\u001b[2J');
  });
});

describe('--debug', () => {
  it('prints requests and responses to standard error, without keys', async () => {
    engine.script('POST', '/apikeys', { status: 201, body: { apiKey: 'sk-orra-v1-secret-of-the-new-one' } });
    const { code, out, err } = await home.run(['--debug', 'api-keys', 'gen', 'prod']);
    expect(code).toBe(0);
    expect(out).toContain('sk-orra-v1-secret-of-the-new-one');
    expect(err).toContain(`> POST ${engine.url}/apikeys`);
    expect(err).toContain('> authorization: Bearer …cdef');
    expect(err).toMatch(/^< 201 after \d+ ms$/m);
    expect(err).not.toMatch(/secret|0123456789/);
  });

  it('also prints the stack of an error', async () => {
    home.config = { ...home.config, projects: { shop: { cli_auth: 'k', server_addr: 'http://127.0.0.1:9' } } };
    const { code, err } = await home.run(['ps', '--debug']);
    expect(code).toBe(1);
    expect(err).toContain('< no response: ORRA_UNREACHABLE');
    expect(err).toContain(
      '⨯ Error [ORRA_UNREACHABLE]: no engine responds at http://127.0.0.1:9 (ECONNREFUSED)\n  start one with `orra dev`',
    );
  });
});
