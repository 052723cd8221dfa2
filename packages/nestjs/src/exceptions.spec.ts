import { BadRequestException, ForbiddenException, HttpException, InternalServerErrorException } from '@nestjs/common';
import { NonRetryableError, type OrraError, RetryableError } from '@orra-ts/sdk';
import { nestErrorMapper } from './exceptions';

const map = nestErrorMapper();

it.each([
  [new ForbiddenException('not yours'), NonRetryableError, 'HTTP_403', 'not yours'],
  [new BadRequestException(['sku must be a string']), NonRetryableError, 'HTTP_400', 'Bad Request Exception'],
  [new HttpException('slow down', 429), RetryableError, 'HTTP_429', 'slow down'],
  [new HttpException('late', 408), RetryableError, 'HTTP_408', 'late'],
  [new InternalServerErrorException('broken'), RetryableError, 'HTTP_500', 'broken'],
])('%s', (exception, type, code, message) => {
  const mapped = map(exception) as OrraError;
  expect(mapped).toBeInstanceOf(type);
  expect(mapped).toMatchObject({
    code,
    message,
    name: exception.name,
    cause: exception,
    details: { status: exception.getStatus(), response: exception.getResponse() },
  });
});

it('the table of statuses can be replaced', () => {
  expect(nestErrorMapper((status) => status === 403)(new ForbiddenException())).toBeInstanceOf(RetryableError);
});

it.each([new Error('plain'), new NonRetryableError('final'), 'a string', undefined])('%s stays unchanged', (thrown) => {
  expect(map(thrown)).toBe(thrown);
});
