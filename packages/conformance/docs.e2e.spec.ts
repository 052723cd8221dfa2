/**
 * Checks that code blocks of the documentation equal the examples, that its links resolve, and that the examples print
 * what it shows.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const markdownOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const pages = ['README.md', ...markdownOf('docs')];

interface Block {
  readonly page: string;
  /** The file named in the first line; undefined without one. */
  readonly source: string | undefined;
  readonly code: string;
}

const blocks: readonly Block[] = pages.flatMap((page) =>
  [...read(page).matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => {
    const [, source] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    return { page, source, code };
  }),
);
const named = blocks.flatMap(({ page, source, code }) => (source === undefined ? [] : [[page, source, code] as const]));

/** Excerpts in the documentation are not indented. */
const unindented = (code: string): string => code.replace(/^[ \t]+/gm, '').trim();
const withoutCode = (page: string): string => page.replace(/^```[^]*?^```$/gm, '');
/** Returns the anchors of the headings of a page, as GitHub derives them: `## Our engine` has the anchor `our-engine`. */
const anchorsOf = (page: string): string[] =>
  [...withoutCode(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
const withoutName = (code: string): string => code.replace(/^\/\/ \S+\.ts\n/, '');

describe('code in the documentation', () => {
  it('has at least five blocks that name their file', () => {
    expect(named.length).toBeGreaterThanOrEqual(5);
  });

  it.each(named)('%s shows %s unchanged', (_page, source, code) => {
    expect(unindented(withoutName(read(source)))).toContain(unindented(withoutName(code)));
  });

  it('of README.md is the whole program of examples/echo, in under 40 lines', () => {
    const program = read('examples/echo/src/main.ts');
    expect(named.filter(([page]) => page === 'README.md').map(([, , code]) => code)).toEqual([program]);
    expect(program.split('\n').length).toBeLessThan(40);
    expect(read('README.md').indexOf(program)).toBeGreaterThan(0);
  });

  it('of getting-started.md is the whole program of examples/echo/src/trip.ts', () => {
    expect(named.filter(([page]) => page === 'docs/getting-started.md').map(([, , code]) => code)).toEqual([
      read('examples/echo/src/trip.ts'),
    ]);
  });

  it('of groundings.md is the whole program of examples/echo/src/grounded.ts', () => {
    expect(named.filter(([page]) => page === 'docs/groundings.md').map(([, , code]) => code)).toEqual([
      read('examples/echo/src/grounded.ts'),
    ]);
  });

  it('of planning.md is the whole program of examples/echo/src/planned.ts', () => {
    expect(named.filter(([page]) => page === 'docs/planning.md').map(([, , code]) => code)).toEqual([
      read('examples/echo/src/planned.ts'),
    ]);
  });

  it.each(pages)('%s names the file of every TypeScript block, so that each block is checked', (page) => {
    expect(blocks.filter((block) => block.page === page && block.source === undefined)).toEqual([]);
  });
});

describe('links in the documentation', () => {
  const linked = [
    ...pages,
    ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
    ...markdownOf('docs/decisions'),
    ...readdirSync(path.join(root, 'packages'))
      .map((name) => `packages/${name}/README.md`)
      .filter((file) => existsSync(path.join(root, file))),
  ];
  const links = linked.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\(([^)\s:]+)\)/g)].map(([, target = '']) => [page, target] as const),
  );

  it.each(links)('%s links to %s, which exists', (page, link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page : path.join(path.dirname(page), file);
    expect(existsSync(path.join(root, target))).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(read(target))).toContain(anchor);
  });

  it('reach every page and every decision from the indexes', () => {
    const targets = new Set(links.map(([page, link]) => path.join(path.dirname(page), link.replace(/#.*/, ''))));
    const unreachable = [...markdownOf('docs'), ...markdownOf('docs/decisions')].filter((page) => !targets.has(page));
    expect(unreachable).toEqual([]);
  });
});

describe('examples', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'orra-examples-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a program in an empty folder, with a minimal environment, and lists the files that it leaves. */
  function run(program: string): Promise<{ code: number | null; out: string; err: string; left: string[] }> {
    return new Promise((resolve, reject) => {
      const { PATH } = process.env;
      const child = spawn(process.execPath, [path.join(root, program)], {
        cwd: folder,
        env: { PATH, TMPDIR: folder, ORRA_LOG_LEVEL: 'silent' },
      });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err, left: readdirSync(folder) }));
    });
  }

  it('echo returns its input twice and reports progress', async () => {
    const { code, out, err, left } = await run('examples/echo/dist/main.js');
    expect({ code, err, left }).toEqual({ code: 0, err: '', left: ['.orra-data'] });
    expect(out).toContain("echo-service { progress: 50, message: 'listening' }");
    expect(out).toMatch(/status: 'completed'/);
    expect(out).toMatch(/output: \{ text: 'hello, hello' \}/);
  });

  it('trip completes for two travellers, and aborts for five and cancels their rooms', async () => {
    const { code, out, err } = await run('examples/echo/dist/trip.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^2 travellers: completed/);
    expect(out).toMatch(/^5 travellers: aborted \{ reason: 'NOT_ENOUGH_SEATS', free: 2 \}$/m);
    expect(out.match(/^cancelled rooms-[0-9a-f]{6}: the trip was aborted$/gm)).toHaveLength(1);
  });

  it('grounded prints what its plan covers, and strict groundings refuse the other action', async () => {
    const { code, out, err } = await run('examples/echo/dist/grounded.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const anyAddress = (text: string): string =>
      text.replace(/127\.0\.0\.1:\d+/, 'address').replace(/found; .*/, 'found');
    const [, printed = ''] = /^It prints\n\n```text\n([^]*?)^```$/m.exec(read('docs/groundings.md')) ?? [];
    expect(anyAddress(out)).toBe(anyAddress(printed));
  });

  it('versions greets, refuses invalid data and a stale plan, and greets with the next version', async () => {
    const { code, out, err } = await run('examples/echo/dist/versions.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const page = read('docs/plans.md');
    const [, shown = ''] = /```text\n([^]*?)```/.exec(page) ?? [];
    const printed = out.trim().split('\n');
    const promised = shown.trim().split('\n');
    expect(printed).toHaveLength(promised.length);
    for (const [index, line] of promised.entries()) {
      for (const part of line.split('…')) expect(printed[index]).toContain(part.trim());
    }
  });

  it('planned corrects its plan, reuses it without a call to the model, and reports an action that cannot be planned', async () => {
    const { code, out, err } = await run('examples/echo/dist/planned.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // The token counts of the fake model depend on the length of the prompt.
    const anyTokens = (text: string): string => text.replace(/\{ prompt: \d+, completion: \d+ \}/, 'tokens');
    const [, printed = ''] = /^It prints\n\n```text\n([^]*?)^```$/m.exec(read('docs/planning.md')) ?? [];
    expect(anyTokens(out)).toBe(anyTokens(printed));
  });

  it('outputs prints what is sent and what the revert receives', async () => {
    const { code, out, err } = await run('examples/echo/dist/outputs.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [, printed] = /^It prints\n\n```text\n([^]*?)^```$/m.exec(read('docs/outputs.md')) ?? [];
    expect(out).toBe(printed);
  });

  it('ecommerce completes one order, aborts one and fails one, and compensates the last two in reverse order', async () => {
    const { code, out, err, left } = await run('examples/ecommerce/dist/main.js');
    expect({ code, err, left }).toEqual({ code: 0, err: '', left: [] });
    const [, summary = ''] = out.split(/^Summary .*$/m);
    expect(summary).toMatch(/A-1001 +completed +- +yes/);
    expect(summary).toMatch(/A-1002 +aborted +payment-service +yes/);
    expect(summary).toMatch(/A-1003 +failed +inventory-service, payment-service +yes/);
    expect(out).toContain(
      'abort payload  reason INSUFFICIENT_INVENTORY, productId chair-reading-oak, available 3, requested 5',
    );
    expect(out).toMatch(/compensated +inventory-service, then payment-service/);
    expect(out.match(/same as before/g)).toHaveLength(2);
    // No colours without a terminal.
    expect(out.includes('\u001b')).toBe(false);
  });
});
