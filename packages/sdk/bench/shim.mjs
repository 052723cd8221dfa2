/**
 * Adapts the SDK to the wire bench: `createBenchWorker` uses only the public API. `BENCH_JOURNAL=memory|file` selects the
 * journal.
 */
import { OrraFactory, defineService, jsonSchema } from '../dist/index.js';

export async function createBenchWorker({ engineUrl, apiKey, kind, revertible, dataDir, services, onTask, onRevert }) {
  const app = await OrraFactory.create({
    engine: { url: engineUrl, apiKey },
    dataDir,
    journal: { kind: process.env.BENCH_JOURNAL === 'memory' ? 'memory' : 'file' },
    logger: process.env.BENCH_LOG ? undefined : silent,
    services: services.map(({ name, description, schema }) =>
      defineService(
        {
          name,
          kind,
          description,
          input: jsonSchema(schema.input),
          output: jsonSchema(schema.output),
          ...(revertible && { revert: (source) => onRevert(source) }),
        },
        onTask,
      ),
    ),
  });
  await app.start();
  return { close: () => app.close({ grace: 4_000 }) };
}

const silent = {
  isEnabled: () => false,
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};
