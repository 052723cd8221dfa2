// Performs the steps of docs/nestjs.md on a new Nest application, and checks that the application prints what the page shows.
//
//   node scripts/nestjs-page.mjs               on a copy of what `nest new` creates, with the libraries of the repository
//   node scripts/nestjs-page.mjs 12 <tarball>…  runs `nest new` of this version, and installs the packed packages
import './lib/node-version.mjs';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { root } from './lib/workspace.mjs';

const page = readFileSync(path.join(root, 'docs', 'nestjs.md'), 'utf8');
const [version, ...tarballs] = process.argv.slice(2);
const home = mkdtempSync(path.join(os.tmpdir(), 'orra-nestjs-page-'));
const app = path.join(home, 'shop');
const env = { PATH: process.env.PATH, HOME: home, ORRA_LOG_LEVEL: 'warn', NO_COLOR: '1' };
const running = new Set();

const blocks = (language) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text);

try {
  create();
  const changed = blocks('diff').map(applyDiff);
  const lines = changed.filter(({ file }) => file !== 'src/main.ts').reduce((sum, { added }) => sum + added, 0);
  if (lines !== 12) throw new Error(`the page changes ${lines} lines, and promises twelve`);
  for (const text of blocks('yaml')) writeFileSync(path.join(app, /^# (\S+)/.exec(text)[1]), text);
  build();
  await runPage();
  console.log('the application of docs/nestjs.md runs');
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}

function create() {
  const npm = (...args) => execFileSync('npm', args, { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
  if (version) {
    const flags = [
      '--skip-git',
      '--package-manager',
      'npm',
      '--skip-install',
      ...(version === '11' ? [] : ['--no-observe']),
    ];
    npm('exec', '--yes', `--package=@nestjs/cli@${version}`, '--', 'nest', 'new', 'shop', ...flags);
    npm(
      'install',
      '--prefix',
      app,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...tarballs.map((file) => path.resolve(file)),
    );
    return;
  }
  const skeleton = JSON.parse(readFileSync(path.join(root, 'packages/conformance/fixtures/nest-new.json'), 'utf8'));
  for (const [file, lines] of Object.entries(skeleton)) {
    mkdirSync(path.dirname(path.join(app, file)), { recursive: true });
    writeFileSync(path.join(app, file), `${lines.join('\n')}\n`);
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(app, 'node_modules'));
}

/** Replaces the lines of the diff, which must appear in the file once and unchanged. */
function applyDiff(text) {
  const [, file, diff] = /^\/\/ (\S+)\n([^]*)$/.exec(text);
  const lines = diff.trimEnd().split('\n');
  const side = (drop) =>
    lines
      .filter((line) => line[0] !== drop)
      .map((line) => line.slice(1))
      .join('\n');
  const target = path.join(app, file);
  const before = readFileSync(target, 'utf8');
  if (before.split(side('+')).length !== 2) throw new Error(`${file} does not contain once\n${side('+')}`);
  writeFileSync(
    target,
    before.replace(side('+'), () => side('-')),
  );
  return { file, added: lines.filter((line) => /^\+./.test(line)).length };
}

function build() {
  const compiler = version
    ? [path.join(app, 'node_modules/@nestjs/cli/bin/nest.js'), 'build']
    : [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'];
  execFileSync(process.execPath, compiler, { cwd: app, stdio: 'inherit' });
}

async function runPage() {
  const orra = path.join(app, 'node_modules/@orra-ts/cli/bin/orra.js');
  const engine = await start([orra, 'dev', '--port', '0'], /Ctrl-C/);
  const settings = Object.fromEntries(
    [...engine.said().matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const nest = await start(['dist/main.js'], /successfully started/, { ...settings, PORT: String(await freePort()) });
  for (const line of blocks('sh')
    .join('')
    .split('\n')
    .filter((text) => /^npx orra (?!dev)/.test(text))) {
    const command = line.replace('npx orra', `'${process.execPath}' '${orra}'`);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: app, env, encoding: 'utf8' });
    // The page says that the orchestration fails.
    if ((status === 0) === line.includes('verify run')) {
      throw new Error(`${line} ended with code ${status}:\n${stdout}${stderr}`);
    }
  }
  nest.child.kill('SIGTERM');
  const [code, signal] = await once(nest.child, 'close');
  if (signal !== 'SIGTERM') throw new Error(`the application ended with code ${code} and signal ${signal}`);
  const [shown] = blocks('text');
  if (!nest.said().includes(shown)) throw new Error(`the application did not print ${shown}but\n${nest.said()}`);
}

async function start(args, pattern, more = {}) {
  const child = spawn(process.execPath, args, { cwd: app, env: { ...env, ...more } });
  running.add(child);
  let output = '';
  await new Promise((resolve, reject) => {
    const listen = (data) => {
      output += data;
      if (pattern.test(output)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with code ${code}:\n${output}`)));
  });
  return { child, said: () => output };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
