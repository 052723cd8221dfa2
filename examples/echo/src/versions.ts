// examples/echo/src/versions.ts
import { createEngine } from '@orra-ts/engine';
import { type FunctionService, OrraFactory, type Plan, definePlan, defineService, jsonSchema } from '@orra-ts/sdk';

interface Greeting {
  name: string;
  times: number;
}

/** A deployment of the service, with its own limit. */
const greeterOf = (limit: number) =>
  defineService(
    {
      name: 'greeter',
      description: 'Greets a person',
      input: jsonSchema<Greeting>({
        type: 'object',
        properties: { name: { type: 'string' }, times: { type: 'integer', maximum: limit } },
        required: ['name', 'times'],
      }),
      output: jsonSchema<{ text: string }>({ type: 'object', properties: { text: { type: 'string' } } }),
    },
    ({ input }) => ({ text: Array(input.times).fill(`hello, ${input.name}`).join(', ') }),
  );

const desk = defineService(
  {
    name: 'front-desk',
    description: 'Shows visitors to their room',
    input: jsonSchema<{ name: string }>({ type: 'object', properties: { name: { type: 'string' } } }),
    output: jsonSchema<{ room: string }>({ type: 'object', properties: { room: { type: 'string' } } }),
  },
  () => ({ room: '1' }),
);

const greet = definePlan(
  'Greet {name} {times} times',
  jsonSchema<Greeting>({
    type: 'object',
    properties: { name: { type: 'string' }, times: { type: 'integer' } },
    required: ['name', 'times'],
  }),
  (plan, greeting) => plan.task(greeterOf(9), { name: greeting.name, times: greeting.times }),
  { name: 'greet' },
);

async function main(): Promise<void> {
  const engine = await createEngine({ port: 0, storage: ':memory:' });
  const { apiKey } = await engine.createProject({ name: 'office' });
  const start = async (service: FunctionService, plans: Plan[] = []) => {
    const app = await OrraFactory.create({
      services: [service],
      plans,
      engine: { url: engine.url, apiKey },
      journal: { kind: 'memory' },
    });
    await app.start();
    return app;
  };

  let greeter = await start(greeterOf(9));
  let office = await start(desk, [greet]);
  const submit = async (action: string): Promise<void> => {
    try {
      const order = await office.orra.action(action).submit();
      const result = await order.result<{ text: string }>();
      const { planSource } = await order.inspect();
      if (result.status === 'completed') console.log(`version ${planSource?.version}: ${result.output.text}`);
    } catch (error) {
      console.log('refused:', (error as Error).message);
    }
  };

  await submit('greet Ada 2 times!');
  await submit('greet Ada many times');

  console.log('the greeter is deployed with another limit');
  await greeter.close();
  greeter = await start(greeterOf(3));
  await submit('greet Ada 2 times!');

  console.log('the app that defines the plan restarts');
  await office.close();
  office = await start(desk, [greet]);
  await submit('greet Ada 2 times!');

  await office.close();
  await greeter.close();
  await engine.close();
}

void main();
