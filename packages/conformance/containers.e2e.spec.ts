/** A container library that only Node itself can load: inversify 8 is an ES module. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

it('inversify 8 gives each run its own value, and one pool that stays open', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [require.resolve('./containers-child.cjs')]);
  expect(JSON.parse(stdout)).toEqual({
    status: 'failed',
    values: ['a: a', 'b: b'],
    reverted: ['a'],
    ended: ['a', 'b', 'a'],
    pools: 1,
    poolIsOpen: true,
  });
});
