// The first import of each script. It must run on older versions of Node: plain syntax, no new built-ins.
const REQUIRED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(
    'Orra needs Node ' +
      REQUIRED.join('.') +
      ' or newer; this is Node ' +
      process.versions.node +
      '.\n' +
      'Install a current release from https://nodejs.org, or run `nvm install` in this folder, and try again.',
  );
  process.exit(1);
}
