// Builds, then runs the simulation: `npm run simulate -- --seed 7`. Its README has the options.
import './lib/node-version.mjs';
import { requireNode, runNode } from './lib/run.mjs';

requireNode('scripts/build.mjs');
process.exitCode = runNode('packages/simulation/dist/main.js', process.argv.slice(2));
