// Checks the packages as they will be published: packs them, lints the tarballs, installs them in an empty project, and
// imports, requires and type-checks them there. Then it installs them strictly and starts an application.
// Arguments select packages: `check-packages.mjs common`. Build first.
import './lib/node-version.mjs';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { capture, npm, runNode } from './lib/run.mjs';
import { bootProgram, loadProgram, strictInstall, strictlyInstalled } from './lib/strict-install.mjs';
import { publishable, readJson, root } from './lib/workspace.mjs';

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare'];
const REQUIRED_MEMBERS = [
  'description',
  'keywords',
  'license',
  'repository',
  'homepage',
  'bugs',
  'engines',
  'files',
  'exports',
];

const chosen = process.argv.slice(2);
const packages = publishable().filter(({ folder }) => !chosen.length || chosen.includes(path.basename(folder)));
const names = packages.map(({ manifest }) => manifest.name);

/** Optional peer dependencies that the entry points of a package load. */
const ALONE_WITH = {
  '@orra-ts/common': ['axios', 'winston'],
  '@orra-ts/nestjs': ['@nestjs/terminus', '@orra-ts/engine'],
};

const problems = [];
const scratch = temporaryFolder('orra-packages-');
// Outside `scratch`: Node would find the packages that a strict installation lacks in its node_modules.
const strictScratch = temporaryFolder('orra-strict-');

function temporaryFolder(prefix) {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Prints a line for each check, and the problems below a failed one. */
function check(what, wrong) {
  const ok = wrong.length === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`);
  for (const text of wrong) console.log(text.trimEnd().replace(/^/gm, '       '));
  if (!ok) problems.push(what);
  return ok;
}

/** Runs a check of another program, and prints its output if it fails. */
function checkRun(what, runner) {
  const { status, stdout, stderr } = capture(runner);
  check(what, status === 0 ? [] : [`${stdout}${stderr}` || `the exit code is ${status}`]);
  return { ok: status === 0, stdout };
}

checkManifests();
const tarballs = pack();
for (const tarball of tarballs) lint(tarball);
if (install()) {
  checkInstalled();
  checkSameObjects();
  checkTypes();
}
if (!chosen.length) checkStrict();
process.exitCode = problems.length ? 1 : 0;

function checkManifests() {
  const wrong = [];
  for (const { manifest } of packages) {
    for (const script of INSTALL_SCRIPTS) {
      if (manifest.scripts?.[script]) wrong.push(`${manifest.name} has the script ${script}`);
    }
    for (const member of REQUIRED_MEMBERS) {
      if (!manifest[member]) wrong.push(`${manifest.name} lacks ${member}`);
    }
  }
  check('manifests are complete and have no install scripts', wrong);
}

/** Every file that the manifest refers to. */
function promisedFiles({ main, types, bin, exports, typesVersions }) {
  const leaves = (value) =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
  const files = leaves([main, types, bin, exports, typesVersions]).filter(Boolean);
  return ['README.md', 'LICENSE', ...files.map((file) => path.posix.normalize(file))];
}

function pack() {
  const workspaces = packages.flatMap(({ path: folder }) => ['-w', folder]);
  const { ok, stdout } = checkRun('npm pack', (options) =>
    npm(['pack', '--json', '--pack-destination', scratch, ...workspaces], options),
  );
  if (!ok) process.exit(1);

  return Object.values(JSON.parse(stdout)).map(({ name, filename, files, unpackedSize }) => {
    const { manifest } = packages.find((one) => one.manifest.name === name);
    const present = new Set(files.map((file) => file.path));
    const missing = promisedFiles(manifest).filter((file) => !present.has(file) && !file.includes('*'));
    const unwanted = [...present].filter((file) => /\.spec\.|tsbuildinfo|(^|\/)(test|src)\//.test(file));
    check(`${name}: ${files.length} files, ${Math.round(unpackedSize / 1024)} kB`, [
      ...missing.map((file) => `${file} is missing`),
      ...unwanted.map((file) => `${file} should not be published`),
    ]);
    return { name, file: path.join(scratch, filename) };
  });
}

function lint({ name, file }) {
  checkRun(`${name}: publint`, (options) =>
    runNode('node_modules/publint/src/cli.js', ['run', file, '--strict'], options),
  );
  checkRun(`${name}: are the types wrong`, (options) =>
    runNode('node_modules/@arethetypeswrong/cli/dist/index.js', [file, '--no-definitely-typed', '--no-color'], options),
  );
}

function install() {
  writeFileSync(path.join(scratch, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const files = tarballs.map(({ file }) => file);
  const libraries = packages.flatMap(({ manifest: { name } }) => ALONE_WITH[name] ?? []);
  const others = libraries.filter((name) => !names.includes(name));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  return checkRun('the tarballs install together in an empty project', (options) =>
    npm(['install', ...flags, ...files, ...others], { ...options, cwd: scratch }),
  ).ok;
}

function checkInstalled() {
  const { packages: installed } = readJson(path.join(scratch, 'package-lock.json'));
  const scripted = Object.keys(installed).filter((name) => installed[name].hasInstallScript);
  check('no installed package has an install script', scripted);

  const copies = Object.keys(installed).filter((name) => names.some((one) => name.endsWith(`node_modules/${one}`)));
  check(
    `one copy of each Orra package, ${Object.keys(installed).length - 1} packages in total`,
    copies.length === names.length ? [] : copies,
  );

  const wrong = [];
  for (const { manifest } of packages) {
    for (const [command, file] of Object.entries(manifest.bin ?? {})) {
      const script = path.join(scratch, 'node_modules', manifest.name, file);
      if (!existsSync(script)) wrong.push(`${command}: ${file} is missing`);
      else if (!readFileSync(script, 'utf8').startsWith('#!/usr/bin/env node\n')) wrong.push(`${command}: no shebang`);
      else if (!existsSync(path.join(scratch, 'node_modules', '.bin', command))) wrong.push(`${command}: not linked`);
    }
  }
  check('commands are installed', wrong);
}

/** All import specifiers: the package and its subpaths. */
function specifiers(chosenPackages = packages) {
  return chosenPackages.flatMap(({ manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'object')
      .map(([subpath]) => path.posix.join(manifest.name, subpath)),
  );
}

/** Checks that `import` and `require` in one process return the same objects, such as the same OrraError. */
function checkSameObjects() {
  const script = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    let failed = 0;
    const say = (text) => { failed += 1; console.log(text); };
    for (const specifier of ${JSON.stringify(specifiers())}) {
      const imported = await import(specifier);
      const required = require(specifier);
      const names = new Set([...Object.keys(imported), ...Object.keys(required)]);
      for (const name of names) if (imported[name] !== required[name]) say(specifier + ': two different ' + name);
    }
    const { OrraError } = await import('@orra-ts/common');
    if (OrraError !== require('@orra-ts/common').OrraError) say('two classes OrraError');
    if (!(new (require('@orra-ts/common').OrraError)('ORRA_X', 'x') instanceof OrraError)) say('instanceof fails');
    process.exitCode = failed ? 1 : 0;
  `;
  writeFileSync(path.join(scratch, 'same.mjs'), script);
  checkRun('import and require give the same objects', (options) =>
    runNode(path.join(scratch, 'same.mjs'), [], { ...options, cwd: scratch }),
  );
}

function checkTypes() {
  const source = specifiers()
    .map(
      (specifier, index) =>
        `import * as p${index} from '${specifier}';\nexport type P${index} = keyof typeof p${index};\n`,
    )
    .join('');
  for (const extension of ['ts', 'mts', 'cts']) writeFileSync(path.join(scratch, `types.${extension}`), source);

  const common = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node'];
  const typeRoots = ['--typeRoots', path.join(root, 'node_modules', '@types')];
  for (const [module, resolution, extensions] of [
    ['nodenext', 'nodenext', ['mts', 'cts']],
    ['esnext', 'bundler', ['ts']],
    ['commonjs', 'node10', ['ts']],
  ]) {
    const settings = [...common, ...typeRoots, '--module', module, '--moduleResolution', resolution];
    const files = extensions.map((extension) => `types.${extension}`);
    checkRun(`types resolve with moduleResolution ${resolution}`, (options) =>
      runNode('node_modules/typescript/bin/tsc', [...settings, ...files], { ...options, cwd: scratch }),
    );
  }
}

/** Checks that no package depends on what another one installs: each loads alone, and two are enough for an application. */
function checkStrict() {
  for (const one of packages) {
    const { name } = one.manifest;
    const libraries = ALONE_WITH[name] ?? [];
    const folder = strictProject(`${name} alone`, [name, ...libraries], loadProgram(specifiers([one])));
    if (!folder || name !== '@orra-ts/fakes') continue;
    const installed = strictlyInstalled(folder);
    check(
      'fakes does not install axios or winston',
      ['axios', 'winston'].filter((library) => installed.includes(library)),
    );
  }
  strictProject('an application starts', ['@orra-ts/engine', '@orra-ts/sdk'], bootProgram);
}

function strictProject(what, names, program) {
  const folder = path.join(strictScratch, what.replace(/\W+/g, '-'));
  const { ok } = checkRun(`strict installation: ${what}`, (options) => {
    const status = strictInstall(folder, names, tarballs, options);
    if (status !== 0) return status;
    writeFileSync(path.join(folder, 'program.cjs'), program);
    return runNode(path.join(folder, 'program.cjs'), [], { ...options, cwd: folder });
  });
  return ok ? folder : undefined;
}
