/** Rules of the repository that the compiler does not check, such as the manifests of the packages. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly scripts?: Record<string, string>;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

const root = path.resolve(__dirname, '..', '..');

function workspaces(): { readonly folder: string; readonly manifest: Manifest }[] {
  return ['packages', 'examples']
    .flatMap((parent) => readdirSync(path.join(root, parent)).map((name) => path.join(root, parent, name)))
    .filter((folder) => existsSync(path.join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest,
    }));
}

const publishable = workspaces().filter(({ manifest }) => manifest.private !== true);

describe('manifests', () => {
  it.each(publishable.map(({ manifest }) => [manifest.name, manifest] as const))(
    '%s has no install scripts',
    (_name, { scripts = {} }) => {
      const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
      expect(Object.keys(scripts).filter((script) => installScripts.includes(script))).toEqual([]);
    },
  );

  it('pin packages of this repository to their common version', () => {
    const versions = new Map(workspaces().map(({ manifest }) => [manifest.name, manifest.version]));
    const wrong = workspaces().flatMap(({ manifest }) =>
      Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })
        .filter(([name, range]) => versions.has(name) && range !== versions.get(name))
        .map(([name, range]) => `${manifest.name} wants ${name} ${range}`),
    );
    const { version } = JSON.parse(readFileSync(path.join(root, 'lerna.json'), 'utf8')) as { version: string };
    expect(wrong).toEqual([]);
    expect([...new Set(versions.values())]).toEqual([version]);
  });

  it('never publish a package that depends on a private one', () => {
    const hidden = new Set(workspaces().flatMap(({ manifest }) => (manifest.private ? [manifest.name] : [])));
    const wrong = publishable.flatMap(({ manifest }) =>
      Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
        .filter((name) => hidden.has(name))
        .map((name) => `${manifest.name} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are all in the documented command that packs them', () => {
    const guide = readFileSync(path.join(root, 'docs', 'getting-started.md'), 'utf8');
    const packed = [...(/^npm pack .*$/m.exec(guide)?.[0] ?? '').matchAll(/-w (\S+)/g)].map(([, folder]) => folder);
    expect(packed.sort()).toEqual(publishable.map(({ folder }) => path.relative(root, folder)).sort());
  });

  it('include the licence and a README', () => {
    const licence = readFileSync(path.join(root, 'LICENSE'), 'utf8');
    for (const { folder, manifest } of publishable) {
      expect(manifest.license).toBe('Apache-2.0');
      expect(readFileSync(path.join(folder, 'LICENSE'), 'utf8') === licence).toBe(true);
      expect(readFileSync(path.join(folder, 'README.md'), 'utf8')).toContain(manifest.name);
    }
  });

  it('name commands that are files in the repository, so that npm links them before the first build', () => {
    for (const { folder, manifest } of publishable) {
      for (const file of Object.values(manifest.bin ?? {})) {
        expect(readFileSync(path.join(folder, file), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      }
    }
  });
});

describe('package-lock.json', () => {
  interface Locked {
    readonly dependencies?: Record<string, string>;
    readonly optionalDependencies?: Record<string, string>;
  }

  it('contains every package that another entry requires, since "npm ci" refuses it otherwise (scripts/complete-lockfile.mjs)', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>;
    };
    const isLocked = (from: string, name: string): boolean => {
      if (`${from ? `${from}/` : ''}node_modules/${name}` in packages) return true;
      const parent = from.includes('/node_modules/') ? from.slice(0, from.lastIndexOf('/node_modules/')) : '';
      return from !== '' && isLocked(parent, name);
    };
    const missing = Object.entries(packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isLocked(from, name))
        .map((name) => `${name} of ${from}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('scripts/install.mjs', () => {
  const entry = (version: string, more: object = {}) => ({ version, integrity: `sha512-${version}`, ...more });
  const wanted = { '': { name: 'clone' }, 'node_modules/a': entry('1.0.0') };
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(path.join(tmpdir(), 'orra-install-'));
    lockfile(wanted);
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function lockfile(packages: object): void {
    writeFileSync(path.join(clone, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  }

  /** npm's own record, which `npm ci` and `npm install` write. */
  function installed(packages: object): void {
    for (const name of Object.keys(packages)) mkdirSync(path.join(clone, name), { recursive: true });
    writeFileSync(path.join(clone, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  }

  function install(...args: string[]): { code: number | null; said: string } {
    const script = path.join(root, 'scripts/install.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, ...args, clone], {
      encoding: 'utf8',
    });
    return { code: status, said: stdout };
  }

  it('requires an installation in a fresh clone', () => {
    expect(install('--check')).toMatchObject({ code: 1, said: expect.stringContaining('node_modules does not exist') });
  });

  it('accepts an installation by "npm ci"', () => {
    installed({ 'node_modules/a': entry('1.0.0') });
    expect(install('--check')).toMatchObject({ code: 0 });
  });

  it('requires the optional packages of this platform only', () => {
    const os = [process.platform];
    lockfile({ ...wanted, 'node_modules/b': entry('1.0.0', { optional: true, os: ['nowhere'], cpu: ['none'] }) });
    installed({ 'node_modules/a': entry('1.0.0') });
    expect(install('--check')).toMatchObject({ code: 0 });
    lockfile({ ...wanted, 'node_modules/b': entry('1.0.0', { optional: true, os, cpu: [process.arch] }) });
    expect(install('--check')).toMatchObject({
      code: 1,
      said: expect.stringContaining('node_modules/b is not installed'),
    });
  });

  it('installs nothing if the record of npm equals the lockfile, also in repeated runs', () => {
    installed({ 'node_modules/a': entry('1.0.0') });
    expect(install()).toMatchObject({ code: 0, said: expect.stringContaining('Dependencies are installed') });
    expect(install()).toMatchObject({ code: 0, said: expect.stringContaining('Dependencies are installed') });
  });

  it('requires an installation if the lockfile has changed, a package is missing, or npm did not finish', () => {
    installed({ 'node_modules/a': entry('1.0.0') });
    expect(install('--check')).toMatchObject({ code: 0 });
    lockfile({ ...wanted, 'node_modules/a': entry('2.0.0') });
    expect(install('--check')).toMatchObject({ code: 1, said: expect.stringContaining('1.0.0, not 2.0.0') });

    lockfile(wanted);
    expect(install('--check')).toMatchObject({ code: 0 });
    rmSync(path.join(clone, 'node_modules/a'), { recursive: true });
    expect(install('--check')).toMatchObject({ code: 1, said: expect.stringContaining('node_modules/a is missing') });

    mkdirSync(path.join(clone, 'node_modules/a'));
    rmSync(path.join(clone, 'node_modules/.package-lock.json'));
    expect(install('--check')).toMatchObject({ code: 1, said: expect.stringContaining('incomplete') });
  });

  it('reports the required Node version first if Node is too old', () => {
    const pretend = path.join(clone, 'old.cjs');
    writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });");
    const script = path.join(root, 'scripts/quickstart.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', pretend, script], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Orra needs Node 20.19 or newer; this is Node 18.20.4');
  });
});
