import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');

describe('error registries', () => {
  it('contain every code that is thrown and no other, and docs/errors.md is generated from them', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/errors-doc.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
