/** What the service itself writes about sensitive values: its log, and the failures that it reports. */
import { IsString, ValidateBy } from 'class-validator';
import { CompensationResult, Field, defineService, type Task } from '../src';
import { closeAll, startApp, startEngine } from './support/harness';

afterEach(closeAll);

const NUMBER = '4111-1111-3170';
const MASK = '[sensitive]';

/** A rule of the application, whose message repeats the value. */
const StartsWith = (start: string, message: string): PropertyDecorator =>
  ValidateBy({ name: 'startsWith', validator: { validate: (value: string) => value.startsWith(start) } }, { message });

class Card {
  @IsString()
  @StartsWith('4111', 'number $value is not a card')
  @Field({ sensitive: true })
  number!: string;
}
class Charge {
  @IsString()
  @StartsWith('tok_', 'token $value is not a token')
  @Field({ sensitive: true })
  token!: string;
}

const charges = (handler: (task: Task<Card>) => Charge, revert?: () => CompensationResult) =>
  defineService(
    { name: 'charges', description: 'Charges a card', input: Card, output: Charge, ...(revert && { revert }) },
    handler,
  );

it('an error of a handler, its cause and its stack, and lines of task.logger have masks', async () => {
  const engine = await startEngine();
  const failing = charges((task) => {
    task.logger.info('charging', { card: { number: task.input.number }, all: [`no ${task.input.number}`] });
    throw new Error(`card ${task.input.number} is declined`, { cause: new Error(`bank refused ${task.input.number}`) });
  });
  const { log } = await startApp(engine, { services: [failing] });
  const task = await engine.sendTask('charges', { number: NUMBER });
  const { error, failure } = await task.result();
  expect(error).toBe(`card ${MASK} is declined: bank refused ${MASK}`);
  expect(failure).toMatchObject({ causes: [{ message: `bank refused ${MASK}` }] });
  expect(log.text).toContain(`"card":{"number":"${MASK}"},"all":["no ${MASK}"]`);
  expect(log.text).toContain('handler failed');
  expect(log.text).not.toContain(NUMBER);
});

it.each([
  ['input', { number: '9-31700' }, () => ({ token: 'tok_1' }), 'input refused', 'number: [sensitive] is not a card'],
  ['output', { number: NUMBER }, () => ({ token: 'bad-31700' }), 'output refused', 'token: [sensitive] is not a token'],
])('a violation of the %s does not repeat the value', async (_side, input, handler, line, message) => {
  const engine = await startEngine();
  const { log } = await startApp(engine, { services: [charges(handler)] });
  const { error } = await (await engine.sendTask('charges', input)).result();
  expect(error).toContain(message);
  expect(log.text).toContain(line);
  expect(`${error} ${log.text}`).not.toMatch(/31700/);
});

it('a revert that fails reports a mask, and receives the value', async () => {
  const engine = await startEngine();
  const output = { token: 'tok_31700' };
  const seen: unknown[] = [];
  const service = defineService(
    {
      name: 'charges',
      description: 'Charges a card',
      input: Card,
      output: Charge,
      revert: ({ input, output: made }) => {
        seen.push(input.number, made.token);
        return CompensationResult.failed(new Error(`cannot void ${made.token} of ${input.number}`));
      },
    },
    () => output,
  );
  const { log } = await startApp(engine, { services: [service] });
  const { result } = await (await engine.sendTask('charges', { number: NUMBER })).result();
  const { data } = (result as { compensation: { data: unknown } }).compensation;
  const { error } = await (await engine.sendCompensation('charges', data)).result();
  expect(seen).toEqual([NUMBER, 'tok_31700']);
  expect(error).toBe(`cannot void ${MASK} of ${MASK}`);
  expect(log.text).not.toMatch(/31700|4111/);
});

it('the Go engine cannot mask: the log at the start names the members', async () => {
  const engine = await startEngine({ capabilities: 'go' });
  const { log } = await startApp(engine, { services: [charges(() => ({ token: 'tok_1' }))] });
  const lines = log.lines.filter(({ message }) => message.includes('cannot mask'));
  expect(lines).toMatchObject([
    { level: 'warn', fields: { service: 'charges', members: ['input.number', 'output.token'] } },
  ]);
});

it('an engine that masks gets the members with the registration, and there is no such line', async () => {
  const engine = await startEngine();
  const { log } = await startApp(engine, { services: [charges(() => ({ token: 'tok_1' }))] });
  expect(engine.registrations[0]?.body).toMatchObject({
    schema: { input: { properties: { number: { 'x-sensitive': true } } } },
  });
  expect(log.text).not.toContain('cannot mask');
});
