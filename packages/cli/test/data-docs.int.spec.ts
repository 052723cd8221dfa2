/** The table of `--data` in docs/cli.md: each example is sent as documented. */
import type { FakeHttpEngine } from '@orra-ts/fakes';
import { renderReference } from '../src/reference';
import { CliHome, startGoEngine } from './harness';

const [, section = ''] = renderReference().split('## Data of an action');
const examples = section
  .split('\n## ')[0]
  ?.split('\n')
  .map((line) => line.split(/(?<!\\)\|/))
  .filter((cells) => cells[1]?.includes('-d '))
  .flatMap(([, written = '', sent = '']) => {
    const values = sent.matchAll(/`([^`]*)`/g);
    return [...written.matchAll(/`-d (?:'([^`]*)'|([^`]*))`/g)].map(([, quoted, bare]) => {
      const [, json = ''] = values.next().value ?? [];
      return [quoted ?? bare ?? '', json] as const;
    });
  });

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
  home = new CliHome();
  home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'key', server_addr: engine.url } } };
});
afterAll(async () => {
  home.remove();
  await engine.close();
});
beforeEach(() => engine.reset());

it('has examples of strings with commas, of brackets and of JSON', () => {
  expect(examples?.map(([argument]) => argument)).toEqual(
    expect.arrayContaining(['a:1,2', 'list:=[1,2]', 'half:[1,2']),
  );
});

it.each(examples ?? [])('-d %s is sent as %s', async (argument, json) => {
  await home.run(['verify', 'run', 'Ship it', '-d', argument]);
  const [field] = argument.split(':');
  expect(engine.received[0]?.body).toMatchObject({ data: [{ field, value: JSON.parse(json) as unknown }] });
});

it.each(['items:[1,}]', 'n:=five'])('-d %s is rejected before anything is sent', async (argument) => {
  expect((await home.run(['verify', 'run', 'Ship it', '-d', argument])).code).toBe(1);
  expect(engine.received).toEqual([]);
});
