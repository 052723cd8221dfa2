/** Runs the program and the commands of docs/tutorial.md, and compares their output with the page. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CliFolder } from './cli-process';

const page = readFileSync(path.resolve(__dirname, '..', '..', 'docs', 'tutorial.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|js|text)\n([^]*?)^```$/gm)].map(([, language = '', content = '']) => ({
  language,
  content,
}));

const ID = /\b(?:[opc]_[2-9A-HJ-NP-Za-km-z]{22}|s_[a-z]{28})\b/g;

/** Output that differs between runs. */
const steady = (text: string): string =>
  text
    .replace(ID, (id) => `<${id[0]}>`)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<url>')
    .replace(/\b\d\d:\d\d:\d\d\b/g, '<time>')
    .replace(/\b\d+(?:\.\d+)?(?:ms|s)\b/g, '<span>')
    .replace(/─{2,}| {2,}/g, ' ')
    .trimEnd();

let folder: CliFolder;
beforeAll(() => {
  folder = new CliFolder();
});
afterAll(() => folder.remove());

it('the tutorial prints what the page shows', async () => {
  let engine: Awaited<ReturnType<CliFolder['start']>> | undefined;
  let env: Record<string, string> = {};
  /** Ids of the page, mapped to the ids of this run. */
  const ids = new Map<string, string>();
  const codes: (number | null)[] = [];
  const orra = (line: string): string => line.replace('npx orra', folder.command);

  for (const [i, { language, content }] of blocks.entries()) {
    if (language === 'js') {
      writeFileSync(path.join(folder.path, 'order.mjs'), content);
      continue;
    }
    if (language !== 'sh') continue;
    for (const line of content.trimEnd().split('\n')) {
      if (/^(npm|export) /.test(line)) continue;
      if (line === 'npx orra dev') {
        engine = await folder.start(`${orra(line)} --port 0`, /Ctrl-C/);
        env = Object.fromEntries(
          [...engine.said.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
        );
        expect(Object.keys(env)).toEqual(['ORRA_URL', 'ORRA_API_KEY']);
        continue;
      }
      if (line === 'node order.mjs') {
        await folder.start(line, /are ready/, env);
        continue;
      }
      if (i === blocks.findLastIndex((block) => block.language === 'sh')) {
        // "Stop the engine with Ctrl-C and start it again."
        expect(await engine?.end('SIGINT')).toBe(0);
        engine = await folder.start(`${folder.command} dev --port ${new URL(env['ORRA_URL'] ?? '').port}`, /Ctrl-C/);
      }
      const { code, out, err } = await folder.run(orra(line.replace(ID, (id) => ids.get(id) ?? id)));
      codes.push(code);
      const expected = blocks[i + 1];
      if (expected?.language !== 'text') continue;
      expect({ line, err, out: steady(out) }).toEqual({ line, err: '', out: steady(expected.content) });
      const found = out.match(ID) ?? [];
      for (const [n, id] of (expected.content.match(ID) ?? []).entries()) ids.set(id, found[n] ?? id);
    }
  }
  // Exit code 2 belongs to the two aborted orders.
  expect(codes).toEqual([0, 0, 0, 2, 0, 2, 0, 0, 0]);
});
