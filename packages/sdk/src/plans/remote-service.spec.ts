import { exploreServices } from '../definition/explore';
import { jsonSchema } from '../json-schema';
import { definePlan } from './define-plan';
import { remoteService } from '../definition/remote-service';
import { resolvePlan } from './resolve-plan';

const text = jsonSchema<{ text: string }>({ type: 'object', properties: { text: { type: 'string' } } });
const echo = remoteService({ name: 'echo.service', input: text, output: text });

it('can be used by the tasks of plans', () => {
  const plan = definePlan('Say {text}', text, (p, said) => p.task(echo, { text: said.text }));
  expect(resolvePlan(plan).plan.tasks).toEqual([
    { id: 'task1', service: 'echo.service', input: { text: '$task0.text' } },
  ]);
});

it('cannot run here, and the error says how to do it', () => {
  const { definitions, problems } = exploreServices([echo as never]);
  expect(definitions).toEqual([]);
  expect(problems).toEqual([
    {
      where: 'remoteService("echo.service")',
      message: 'runs in another application and cannot be started here',
      fix: expect.stringContaining('remove it from `services`'),
    },
  ]);
});

it.each([
  [
    'a name that engines refuse',
    () => remoteService({ name: 'Echo', input: text, output: text }),
    /remoteService\("Echo"\): the name may contain only lower-case/,
  ],
  [
    'no input',
    () => remoteService({ name: 'echo', input: undefined as never, output: text }),
    /remoteService\("echo"\): its input is undefined/,
  ],
  [
    'no output',
    () => remoteService({ name: 'echo', input: text, output: undefined as never }),
    /its output is undefined/,
  ],
])('%s is refused where it is written', (_, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(expect.objectContaining({ code: 'ORRA_INVALID_PLAN' }) as never);
});
