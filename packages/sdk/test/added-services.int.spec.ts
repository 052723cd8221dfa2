/** `app.add`: services that join a running application. */
import { IsString } from 'class-validator';
import { Handler, OrraService, type ClassType, type ServiceSource, type Task } from '../src';
import { closeAll, createApp, echo, echoSchema, gate, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

@OrraService({ name: 'stock', description: 'Reserves stock' })
class Stock {
  @Handler({ input: echoSchema, output: echoSchema })
  reserve({ input }: Task<EchoInput>): EchoInput {
    return input;
  }
}

@OrraService({ name: 'ledger', description: 'Books' })
class Ledger {
  @Handler({ input: echoSchema, output: echoSchema })
  book({ input }: Task<EchoInput>): EchoInput {
    return input;
  }
}

const fromFactory = (useFactory: () => object | Promise<object>): ServiceSource => ({ class: Stock, useFactory });
const namesOf = (app: { health(): { services: readonly { name: string; state: string }[] } }): string[] =>
  app.health().services.map(({ name, state }) => `${name} ${state}`);

it('a failed instance adds no service, and the next attempt can succeed', async () => {
  const engine = await startEngine();
  const { app } = await startApp(engine);
  const other = echo(undefined, { name: 'other' });
  const failing = fromFactory(() => {
    throw new Error('no database');
  });
  await expect(app.add([other, failing])).rejects.toMatchObject({ code: 'ORRA_MISSING_INSTANCE' });
  await expect(app.add([other, fromFactory(() => ({}))])).rejects.toMatchObject({
    code: 'ORRA_BOOT_FAILED',
  });
  expect(app.describe().services.map(({ name }) => name)).toEqual(['echo']);
  await app.add([other, fromFactory(() => new Stock())]);
  expect(namesOf(app)).toEqual(['echo connected', 'other connected', 'stock connected']);
});

it('concurrent calls each start their own services', async () => {
  const engine = await startEngine();
  const { app } = await startApp(engine);
  const stock = gate<object>();
  const ledger = gate<object>();
  const first = app.add([fromFactory(() => stock.promise)]);
  const second = app.add([{ class: Ledger, useFactory: () => ledger.promise }, echo(undefined, { name: 'other' })]);
  stock.open(new Stock());
  await first;
  expect(namesOf(app)).toEqual(['echo connected', 'stock connected']);
  ledger.open(new Ledger());
  await second;
  expect(namesOf(app)).toEqual(['echo connected', 'stock connected', 'ledger connected', 'other connected']);
});

it('rejects if the application is closed before the services are connected', async () => {
  const engine = await startEngine();
  const { app } = await startApp(engine);
  await engine.close();
  const added = app.add([echo(undefined, { name: 'other' })]);
  added.catch(() => undefined);
  while (app.health().services.length < 2) await new Promise(setImmediate);
  await app.close({ grace: 0 });
  await expect(added).rejects.toMatchObject({ code: 'ORRA_APP_CLOSED' });
});

it('what the Go engine does not support is logged once per service', async () => {
  const engine = await startEngine({ capabilities: 'go' });
  const { app, log } = await startApp(engine, { services: [echo(undefined, { timeout: '2m' })] });
  await app.add([echo(undefined, { name: 'other', timeout: '2m' })]);
  const warnings = log.lines.filter(({ fields }) => 'handlerTimeoutMs' in fields);
  expect(warnings.map(({ fields }) => fields['service'])).toEqual(['echo', 'other']);
});

it('likely mistakes in a schema are logged, as at the creation of the application', async () => {
  class Note {
    @IsString()
    text!: string;
    author = 'unknown';
  }
  const serviceOf = (name: string): ClassType => {
    @OrraService({ name, description: 'Takes notes' })
    class Notes {
      @Handler({ input: Note, output: Note })
      take({ input }: Task<Note>): Note {
        return input;
      }
    }
    return Notes;
  };
  const engine = await startEngine();
  const { app, log } = await createApp(engine, { services: [serviceOf('created')] });
  const warnings = (): string[] =>
    log.lines
      .filter(({ level }) => level === 'warn')
      .map(({ message, fields }) => `${message} ${String(fields['fix'])}`);
  const atCreation = warnings();
  expect(atCreation).toEqual([expect.stringMatching(/^Note\.author has no validation rule/)]);
  await app.add([serviceOf('added')]);
  expect(warnings()).toEqual([...atCreation, ...atCreation]);
});
