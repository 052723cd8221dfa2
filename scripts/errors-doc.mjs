// Writes docs/errors.md from the error registries of the packages (`src/errors.ts`). With --check it reports whether the
// page is up to date, and whether the registries and the code agree. Build first.
import './lib/node-version.mjs';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as prettier from 'prettier';
import { root } from './lib/workspace.mjs';

/** Packages in the order of the page. A code belongs to the first package that registers it. */
const PACKAGES = ['common', 'client', 'sdk', 'nestjs', 'engine', 'cli'];
/** Environment variables, and the prefix by which the engine recognises errors of its model. */
const NOT_CODES = new Set([
  'ORRA_API_KEY',
  'ORRA_CONFIG',
  'ORRA_DATA_DIR',
  'ORRA_LOG_LEVEL',
  'ORRA_MODEL_',
  'ORRA_SERVICE_ID',
  'ORRA_URL',
]);

const load = createRequire(import.meta.url);

/** Returns the registry of a package and ignores its other exports. */
function registryOf(name) {
  const file = path.join(root, 'packages', name, 'dist', 'errors.js');
  if (!existsSync(file)) return {};
  return load(file)[`${name.toUpperCase()}_ERRORS`] ?? {};
}

const registries = PACKAGES.map((name) => [name, registryOf(name)]);

/** Entries by package, each code once, with the wire form of the package that sends it. */
function sections() {
  const seen = new Set();
  return registries.map(([name, registry]) => {
    const own = Object.keys(registry).filter((code) => !seen.has(code));
    for (const code of own) seen.add(code);
    const entries = own.sort().map((code) => {
      const wire = registries.map(([, other]) => other[code]?.wire).find((form) => form && form !== 'not sent');
      return { code, ...registry[code], wire };
    });
    return { name, entries };
  });
}

const INTRO = {
  common: 'Errors that several packages throw.',
  client: 'Errors of the typed HTTP client; each has its own class.',
  sdk: 'Errors of an application, and the failure codes that its tasks report to the engine.',
  nestjs: 'Errors of the Nest module.',
  engine: 'Errors of the embedded engine. The API responds with the HTTP status and the members of `error` shown here.',
  cli: 'Errors of the command line itself; commands also show the errors of the packages above.',
};

function wireText(wire) {
  if (!wire || wire === 'not sent') return '';
  if (wire === 'task failure') return 'Task failure: `failure.code`.';
  const { status, kind, code, param } = wire;
  const members = Object.entries({ kind, code, param }).filter(([, value]) => value !== undefined);
  if (members.length === 0) return `HTTP ${status} with an empty body.`;
  return `HTTP ${status}, ${members.map(([member, value]) => `\`${member}: "${value}"\``).join(', ')}.`;
}

/** Lines of at most 118 characters; those after the first are indented. */
function wrapped(text, indent = 0) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== '' && last.length + word.length + 1 > 118) lines.push(' '.repeat(indent) + word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function render() {
  const lines = [
    '# Errors',
    '',
    'Look up the code of an error (`error.code`) here to see when it occurs and how to fix it.',
    'Match on codes in your own code: they are stable, messages are not.',
    '',
    '<!-- Generated from the error registries by `node scripts/errors-doc.mjs`. Do not edit. -->',
    '',
    ...wrapped(
      'Every error of an Orra package is an `OrraError` with `code`, `message`, `details`, `cause` and `retryable`. ' +
        '"Retry: yes" means that the same call may succeed later without a change; "sometimes" means that ' +
        '`error.retryable` decides. A journal that an older version wrote may contain codes that are not on this page; ' +
        'they are shown as they were stored.',
    ),
    '',
  ];
  for (const { name, entries } of sections()) {
    if (entries.length === 0) continue;
    lines.push(`## ${name === 'common' ? 'All packages' : `@orra-ts/${name}`}`, '', INTRO[name], '');
    for (const { code, cause, remedy, retryable, wire } of entries) {
      const retry = retryable === true ? 'yes' : retryable || 'no';
      const onWire = wireText(wire);
      lines.push(`### ${code}`, '', ...wrapped(`- **When:** ${cause}`, 2), ...wrapped(`- **Fix:** ${remedy}`, 2));
      if (onWire) lines.push(`- **Wire:** ${onWire}`);
      lines.push(`- **Retry:** ${retry}`, '');
    }
  }
  return lines.join('\n');
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return sources(file);
    return /\.ts$/.test(entry.name) && !/\.spec\.ts$/.test(entry.name) ? [file] : [];
  });
}

/** Returns the differences between code and registries. */
function problems() {
  const known = new Set(registries.flatMap(([, registry]) => Object.keys(registry)));
  const thrown = new Set();
  const found = [];
  for (const { dir, file } of allSources()) {
    const text = readFileSync(file, 'utf8');
    const where = path.relative(root, file);
    for (const [, code] of text.matchAll(/['"`](ORRA_[A-Z_]+)['"`]/g)) {
      if (!known.has(code) && !NOT_CODES.has(code)) found.push(`${where}: ${code} is not registered`);
    }
    if (dir !== 'common' && path.basename(file) !== 'errors.ts' && /\bnew OrraError\(/.test(text)) {
      found.push(`${where}: create errors with the builder of the package's errors.ts, not with new OrraError`);
    }
    // A code that is only matched is not thrown.
    const uses = text.replace(/(case |[=!]== )'ORRA_[A-Z_]+'/g, '');
    for (const [, code] of uses.matchAll(/'(ORRA_[A-Z_]+)'/g)) thrown.add(code);
  }
  for (const code of known) if (!thrown.has(code)) found.push(`${code} is registered, but not thrown`);
  return found;
}

function allSources() {
  return readdirSync(path.join(root, 'packages')).flatMap((dir) => {
    const folder = path.join(root, 'packages', dir, 'src');
    return existsSync(folder) ? sources(folder).map((file) => ({ dir, file })) : [];
  });
}

const page = path.join(root, 'docs', 'errors.md');
const options = await prettier.resolveConfig(page);
const text = await prettier.format(render(), { ...options, parser: 'markdown' });

if (process.argv.includes('--check')) {
  const found = problems();
  if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
    found.push('docs/errors.md differs from the registries: run `node scripts/errors-doc.mjs` after a build');
  }
  for (const problem of found) console.error(problem);
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  writeFileSync(page, text);
}
