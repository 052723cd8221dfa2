/** docs/protocol.md lists the constants of this package, and the package runs in every JavaScript runtime. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as limits from '../src/limits';
import * as protocol from '../src';

const SRC = join(__dirname, '..', 'src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'protocol.md'), 'utf8');

describe('docs/protocol.md', () => {
  const rows =
    page
      .split('\n## ')
      .find((section) => section.startsWith('Constants'))
      ?.split('\n') ?? [];
  const documented = rows
    .filter((row) => row.startsWith('| `'))
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))
    .map(([name = '', value = '', , reason = '']) => ({ name: name.replaceAll('`', ''), value, reason }));
  const constants = Object.entries(limits)
    .filter(([, value]) => typeof value !== 'function')
    .map(([name, value]) => ({ name, value: value instanceof RegExp ? value.source : String(value) }));

  it('lists every constant with its value, and no others', () => {
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(documented.map(({ name, value }) => ({ name, value })).sort(byName)).toEqual(constants.sort(byName));
  });

  it('states a reason for each', () => {
    expect(documented.filter(({ reason }) => reason.length < 4)).toEqual([]);
    expect(documented.length).toBeGreaterThan(25);
  });

  it('every constant is exported by the package', () => {
    expect(constants.filter(({ name }) => !(name in protocol))).toEqual([]);
  });

  it('names every message type and every capability', () => {
    const names = [
      ...Object.keys(protocol.ENGINE_MESSAGE_SCHEMAS),
      ...Object.keys(protocol.SERVICE_MESSAGE_SCHEMAS),
      ...Object.keys(protocol.EngineCapabilitiesSchema.properties).filter((name) => name !== 'version'),
      ...protocol.SDK_CAPABILITIES,
      ...protocol.ORCHESTRATION_STATUSES,
    ];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('portability', () => {
  it('imports only its own files and TypeBox', () => {
    const imported = sources.flatMap(({ text }) => [...text.matchAll(/(?:from|import|require)\s*\(?\s*'([^']+)'/g)]);
    const modules = new Set(imported.map(([, name = '']) => name).filter((name) => !name.startsWith('.')));
    expect([...modules].sort()).toEqual(['@sinclair/typebox', '@sinclair/typebox/compiler']);
  });

  it('does not use globals of Node', () => {
    const globals = /\b(process\.|Buffer\b|require\(|__dirname|setImmediate|global\.)/;
    expect(sources.filter(({ text }) => globals.test(text)).map(({ file }) => file)).toEqual([]);
    expect(sources.length).toBeGreaterThan(10);
  });
});
