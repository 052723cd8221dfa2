/** The page README.md of this package: its program runs, and it names every reply. */
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

  it('is shown as it is', () => {
    expect(page).toContain(`\`\`\`ts\n// packages/fakes/test/programs/ask-model.ts\n${program}\`\`\``);
  });

  it('is refused once, gets what was queued, and then what the script says', async () => {
    await askModel();
    expect(said).toEqual([
      expect.stringMatching(/^429 .*rate_limit_exceeded/),
      expect.stringMatching(/^200 .*<think>.*Here you are:/),
      expect.stringMatching(/^200 .*\$task0\.orderId/),
      expect.stringMatching(/^200 .*no service does that/),
      'sing',
    ]);
  });
});

describe('the replies of the fake model', () => {
  const rows = [...page.matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name);

  it('are all in the table, and nothing else is', () => {
    expect([...rows].sort()).toEqual(Object.keys(fakes.modelReply).sort());
  });
});
