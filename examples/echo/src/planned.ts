// examples/echo/src/planned.ts
import 'reflect-metadata';
import { IsArray, IsInt, IsString } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import { FakeModel, modelReply } from '@orra-ts/fakes';
import { Describe, Handler, OrraFactory, OrraService, type Task } from '@orra-ts/sdk';

class Place {
  @IsString() @Describe('English name of the city') city!: string;
}
class Forecast {
  @IsInt() @Describe('Maximum temperature of the next days, in °C') degrees!: number;
}
class Suitcase {
  @IsArray() @IsString({ each: true }) @Describe('Items to pack') items!: string[];
}

@OrraService({ name: 'weather', description: 'Forecasts the temperature in a city' })
class Weather {
  @Handler({ input: Place, output: Forecast })
  forecast({ input: { city } }: Task<Place>): Forecast {
    return { degrees: city === 'Oslo' ? -4 : 21 };
  }
}

@OrraService({ name: 'packing', description: 'Lists what to pack for a temperature' })
class Packing {
  @Handler({ input: Forecast, output: Suitcase })
  pack({ input: { degrees } }: Task<Forecast>): Suitcase {
    return { items: degrees < 5 ? ['coat', 'gloves'] : ['hat'] };
  }
}

/** A plan of the model. `degrees` is the reference to the output of `weather`. */
const planWith = (degrees: string) =>
  modelReply.plan({
    tasks: [
      { id: 'task1', service: 'weather', input: { city: '$task0.city' } },
      { id: 'task2', service: 'packing', input: { degrees } },
    ],
  });

async function main(): Promise<void> {
  const model = await FakeModel.start();
  const app = await OrraFactory.create({
    services: [Weather, Packing],
    engine: embeddedEngine({ storage: ':memory:', model: { model: 'scripted', baseUrl: model.baseUrl } }),
  });
  await app.start();

  // `weather` has no output `celsius`. The engine reports this to the model, which corrects its plan.
  model.enqueue(planWith('$task1.celsius'), planWith('$task1.degrees'));
  for (const city of ['Porto', 'Oslo']) {
    const order = await app.orra.action('List what to pack').with({ city }).submit();
    const result = await order.result();
    const { planSource, planning } = await order.inspect();
    console.log(city, result.status === 'completed' ? result.output : result, planSource);
    for (const { problems = [] } of planning?.attempts ?? []) console.log(' ', problems[0]?.message ?? 'accepted');
    if (planning) console.log(' ', planning.tokens);
  }

  model.enqueue(modelReply.notActionable('no service books flights', ['weather']));
  await app.orra
    .action('Book a flight to Porto')
    .submit()
    .catch((error: unknown) => console.log((error as Error).message));
  const { notActionable = [] } = await app.orra.orchestrations.list();
  for (const { id } of notActionable) console.log((await app.orra.orchestrations.inspect(id)).nearestServices);

  await app.close();
  await model.close();
}

void main();
