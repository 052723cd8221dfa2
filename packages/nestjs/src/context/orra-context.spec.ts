import type { ExecutionContext } from '@nestjs/common';
import { TaskInput } from '../decorators/parameters';
import { OrraExecutionContext } from './orra-context';

it('the context of an HTTP request is refused', () => {
  const http = { getType: () => 'http', getArgByIndex: () => ({}) } as unknown as ExecutionContext;
  expect(() => OrraExecutionContext.of(http)).toThrow(
    expect.objectContaining({
      code: 'ORRA_NOT_AN_ORRA_CONTEXT',
      message: expect.stringContaining('type http') as string,
    }),
  );
});

it('a decorator of a handler is refused on the parameter of a constructor', () => {
  expect(() => TaskInput()(class {}, undefined, 0)).toThrow(expect.objectContaining({ code: 'ORRA_WRONG_PARAMETER' }));
});
