// The behaviours of packages/nestjs/test/compat as a program: `node scripts/lib/nest-behaviours.mjs <folder>` compiles it into
// the folder of an application, whose Nest it then uses.
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './workspace.mjs';

const SOURCES = path.join(root, 'packages', 'nestjs', 'test', 'compat');
const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  esModuleInterop: true,
};

/** Returns the path of the program. */
export function compileBehaviours(folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(SOURCES)) {
    const source = path.join(SOURCES, name);
    if (!name.endsWith('.ts')) {
      copyFileSync(source, path.join(folder, name));
      continue;
    }
    const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions, fileName: name });
    writeFileSync(path.join(folder, name.replace(/\.ts$/, '.js')), outputText);
  }
  return path.join(folder, 'run.js');
}

/** Copies the built package, so that it finds the Nest of the folder and not that of the repository. */
function copyPackage(folder) {
  const from = path.join(root, 'packages', 'nestjs');
  const to = path.join(folder, 'node_modules', '@orra-ts', 'nestjs');
  for (const name of ['package.json', 'dist']) cpSync(path.join(from, name), path.join(to, name), { recursive: true });
}

if (process.argv[1] === import.meta.filename) {
  const folder = path.resolve(process.argv[2]);
  copyPackage(folder);
  console.log(compileBehaviours(folder));
}
