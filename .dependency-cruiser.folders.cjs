// Folders of one package depend in one direction. Separate from the other rules because tests are left out: a spec may
// use any folder of its package.
const { options } = require('./.dependency-cruiser.cjs');

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-folder-cycles',
      comment: 'Move the file that makes the second direction to the folder that uses it, or to one that both may use.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: '\\.spec\\.ts$|^packages/[^/]+/(test|bench)/|/dist/' } },
};
