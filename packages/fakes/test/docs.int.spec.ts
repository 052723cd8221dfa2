/** README.md of this package: its program runs, and it lists every reply. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fakes from '../src';
import { askModel } from './programs/ask-model';

const page = readFileSync(join(__dirname, '../README.md'), 'utf8');
const program = readFileSync(join(__dirname, 'programs/ask-model.ts'), 'utf8');

it('names everything that the package exports', () => {
  expect(Object.keys(fakes).filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});

describe('the program of the fake model', () => {
  let said: string[];
  beforeEach(() => {
    said = [];
    jest.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => void said.push(parts.map(String).join(' ')));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is shown unchanged', () => {
    expect(page).toContain(`\`\`\`ts\n// packages/fakes/test/programs/ask-model.ts\n${program}\`\`\``);
  });

  it('is rejected once, gets the queued replies, then those of the script', async () => {
    await askModel();
    expect(said).toEqual([
      expect.stringMatching(/^429 .*rate_limit_exceeded/),
      expect.stringMatching(/^200 .*<think>.*Here is the plan:/),
      expect.stringMatching(/^200 .*\$task0\.orderId/),
      expect.stringMatching(/^200 .*no service does that/),
      'sing',
    ]);
  });
});

describe('the replies of the fake model', () => {
  const rows = [...page.matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name);

  it('are exactly those in the table', () => {
    expect([...rows].sort()).toEqual(Object.keys(fakes.modelReply).sort());
  });
});
