/** Runs all behaviours on the Nest that the program finds, and prints one line of JSON for each. */
import 'reflect-metadata';
import './discovery';
import './enhancers';
import './scopes';
import './lifecycle';
import { behaviours } from './harness';

async function main(): Promise<void> {
  for (const { name, run } of behaviours) {
    const startedMs = performance.now();
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)),
    );
    console.log(JSON.stringify({ name, error, durationMs: Math.round(performance.now() - startedMs) }));
  }
}

void main();
