/** The steps of docs/nestjs.md. `npm run compat` performs them with `nest new` of each version. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

it('the steps of the page turn a new Nest application into one with a durable, revertible provider', async () => {
  const script = path.resolve(__dirname, '..', '..', 'scripts', 'nestjs-page.mjs');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, output }).toEqual({ code: 0, output: 'the application of docs/nestjs.md runs\n' });
}, 120_000);
