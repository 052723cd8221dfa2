/** Groundings of a real engine. */
import { type Engine, createEngine } from '@orra-ts/engine';
import { silentLogger } from '@orra-ts/common';
import { CliHome } from './harness';

const GROUNDING = `
name: order-use-cases
domain: online-shop
version: "1.0"
use-cases:
  - action: Reserve stock for {orderId}
    params:
      orderId: o-17
    capabilities:
      - Holds stock for an order
    intent: Customer wants the goods kept aside
constraints:
  - Never reserve more than is in stock
`;

let engine: Engine;
let home: CliHome;
beforeAll(async () => {
  engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
});
afterAll(() => engine.close());
beforeEach(async () => {
  home = new CliHome();
  await home.run(['projects', 'add', 'shop', '--server', engine.url]);
  home.file('grounding.yaml', GROUNDING);
});
afterEach(() => home.remove());

const apply = (file = 'grounding.yaml') => home.run(['grounding', 'apply', '-f', file]);

describe('grounding', () => {
  it('is applied, listed and removed', async () => {
    expect(await apply()).toMatchObject({
      code: 0,
      out: '✓ Grounding order-use-cases 1.0 is applied (grounding.yaml)\n',
    });
    expect((await home.run(['grounding', 'list'])).out).toMatch(/order-use-cases +online-shop +1\.0 +1\n/);
    expect(await home.run(['grounding', 'rm', 'order-use-cases'])).toMatchObject({ code: 0, err: '' });
    expect((await home.run(['grounding', 'ls'])).out).toContain('There are no groundings');
    await apply();
    expect(await home.run(['grounding', 'remove', '--all', '-o', 'json'])).toMatchObject({
      code: 0,
      out: '{\n  "removed": "all"\n}\n',
    });
    expect((await home.run(['grounding', 'ls', '-o', 'json'])).out).toBe('[]\n');
  });

  it('of a known version is refused with what to do; another version replaces it', async () => {
    await apply();
    const again = await apply();
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('raise `version` in grounding.yaml')]);
    home.file('next.yaml', GROUNDING.replace('"1.0"', '"1.1"'));
    expect((await apply('next.yaml')).code).toBe(0);
    expect((await home.run(['grounding', 'ls'])).out).toMatch(/order-use-cases +online-shop +1\.1/);
  });

  it('that breaks a rule is refused by the engine, with the member that is wrong', async () => {
    home.file('bad.yaml', GROUNDING.replace('name: order-use-cases', 'name: X'));
    const { code, err } = await apply('bad.yaml');
    expect([code, err]).toEqual([1, expect.stringMatching(/^⨯ Error: bad\.yaml cannot be applied: name/)]);
  });

  it.each([
    ['no YAML', 'name: [', 'no grounding'],
    ['a list', '- a', 'holds no object'],
    ['a version that YAML takes for a number', 'name: abc\ndomain: abc\nversion: 1.0\nuse-cases: []', '/version'],
  ])('in a file with %s is refused before the engine is asked', async (_, content, words) => {
    home.file('bad.yaml', content);
    const { code, err } = await apply('bad.yaml');
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
    expect(err).toContain('quote versions');
  });

  it('is not removed by half a command', async () => {
    expect((await home.run(['grounding', 'rm'])).err).toContain('which grounding?');
    expect((await home.run(['grounding', 'rm', 'a', '--all'])).err).toContain('exclude each other');
    expect((await home.run(['grounding', 'rm', 'nope'])).err).toContain('`orra grounding ls` lists them');
  });
});
