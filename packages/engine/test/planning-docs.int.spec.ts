/** The pages on planning match the code: options, variables, defaults, codes, sizes. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { ServiceId } from '@orra-ts/protocol';
import { modelFromEnv } from '../src';
import { resolveEngineOptions } from '../src/options';
import { resolveModelOptions } from '../src/planner/model/model-options';
import { labelled, planningPrompt } from '../src/planner/model/prompt';
import type { PlannableService } from '../src/domain/plan/plan-services';

const SRC = path.join(__dirname, '../src');
const read = (file: string): string => readFileSync(file, 'utf8');
const page = (name: string): string => read(path.join(__dirname, '../../../docs', name));
const models = page('models.md');
const planning = page('planning.md');
const privacy = page('prompts-and-privacy.md');

/** The cells of the first table below a heading, without its header. */
function rowsBelow(text: string, heading: string): readonly (readonly string[])[] {
  const [section = ''] = text.split(`\n## ${heading}\n`)[1]?.split('\n## ') ?? [];
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1))
    .slice(2);
}
const bare = (cell = ''): string => cell.replaceAll('`', '').replace(/^'(.*)'$/, '$1');

describe('options of a model', () => {
  const [, source = ''] = read(path.join(SRC, 'planner/model/model-options.ts')).split('interface ModelOptions {\n');
  const declared = [...(source.split('\n}\n')[0] ?? '').matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s+readonly (\w+)\??:/g)];
  const defaults = new Map(
    declared.map(([, said = '', name = '']) => [name, /@default (.*?)\s*$/.exec(said)?.[1]] as const),
  );
  const rows = rowsBelow(models, 'Options');

  it('are all in the table, and nothing else is', () => {
    expect(defaults.size).toBeGreaterThan(10);
    expect(rows.map(([name]) => bare(name)).sort()).toEqual([...defaults.keys()].sort());
  });

  it('have the defaults that the code documents', () => {
    const shown = rows.map(([name, value]) => [bare(name), bare(value)]);
    const none = new Set(['–', 'none']);
    expect(shown.filter(([, value = '']) => !none.has(value))).toEqual(
      shown.filter(([, value = '']) => !none.has(value)).map(([name = '']) => [name, bare(defaults.get(name))]),
    );
    const undocumented = shown.filter(([, value = '']) => none.has(value)).map(([name = '']) => defaults.get(name));
    expect(undocumented.filter((value) => value !== undefined && value !== 'none')).toEqual([]);
  });

  it('have the defaults that the code has', () => {
    const shown = Object.fromEntries(rows.map(([name, value]) => [bare(name), bare(value)]));
    const resolved = resolveModelOptions({ model: 'm' });
    expect(shown).toMatchObject({
      baseUrl: resolved.baseUrl,
      responseFormat: resolved.responseFormat,
      includeValues: String(resolved.includeValues),
      callTimeout: `${resolved.callTimeoutMs / 1000}s`,
      timeout: `${resolved.timeoutMs / 1000}s`,
      maxAttempts: String(resolved.maxAttempts),
      maxConcurrentCalls: String(resolved.maxConcurrentCalls),
    });
    const { planCacheSize } = resolveEngineOptions({});
    expect(planning).toMatch(new RegExp(`\`planCacheSize\`[^]*?${planCacheSize.toLocaleString('en')} by default`));
  });
});

describe('environment variables of a model', () => {
  const rows = rowsBelow(models, 'Environment variables');

  it('are exactly those that the code reads', () => {
    const asked = new Set<string>();
    modelFromEnv(
      new Proxy<Record<string, string>>(
        { LLM_API_KEY: 'k' },
        { get: (env, name) => (asked.add(String(name)), env[String(name)]) },
      ),
    );
    expect(rows.map(([name]) => bare(name)).sort()).toEqual([...asked].sort());
  });

  it('have the documented default, and set the documented option', () => {
    const defaults = resolveModelOptions(modelFromEnv({ LLM_API_KEY: 'k' }) ?? { model: '' });
    const shown = Object.fromEntries(rows.map(([name, value]) => [bare(name), bare(value)]));
    expect(shown).toMatchObject({
      LLM_MODEL: defaults.model,
      LLM_API_BASE_URL: defaults.baseUrl,
      LLM_INCLUDE_VALUES: String(defaults.includeValues),
      LLM_CALL_TIMEOUT: `${defaults.callTimeoutMs / 1000}s`,
      LLM_TIMEOUT: `${defaults.timeoutMs / 1000}s`,
    });
    const given: Record<string, string> = { LLM_TEMPERATURE: '0', LLM_INCLUDE_VALUES: 'true' };
    for (const [name, , said = ''] of rows) {
      const [, option = ''] = /`(\w+)`/.exec(said) ?? [];
      const value = given[bare(name)] ?? '7';
      const set = modelFromEnv({ LLM_API_BASE_URL: 'http://h/v1', [bare(name)]: value });
      const texts = Object.entries(set ?? {}).map(([member, is]: [string, unknown]) => `${member}: ${String(is)}`);
      expect(texts).toContain(`${option}: ${value}`);
    }
  });
});

describe('errors of a model', () => {
  const sources = readdirSync(path.join(SRC, 'planner/model'))
    .filter((name) => !name.endsWith('.spec.ts'))
    .map((name) => read(path.join(SRC, 'planner/model', name)))
    .join('\n');
  const rows = rowsBelow(models, 'When it fails');

  it('every code is in the table, and nothing else is', () => {
    const codes = [...sources.matchAll(/'(ORRA_MODEL_[A-Z]+)'/g)].map(([, code]) => code);
    expect(new Set(rows.map(([code]) => bare(code)).filter((code) => code !== '–'))).toEqual(new Set(codes));
    expect(new Set(codes).size).toBe(3);
  });

  it.each([
    'exceeds the timeout of planning',
    'with more than',
    'with a chat completion',
    'did not produce a valid plan within',
  ])('"%s" is in the code, too', (words) => {
    expect([sources, rows.flat().join(' ')].filter((text) => !text.includes(words))).toEqual([]);
  });
});

describe('sizes', () => {
  const described = (type: string, description: string, more: object = {}): object => ({ type, description, ...more });
  /** Five inputs and two outputs. */
  const service = (n: number): PlannableService =>
    ({
      id: `s_${n}` as ServiceId,
      name: `inventory-service-${n}`,
      description: 'Holds product stock for a paid order until it is shipped or given back',
      revertible: true,
      updatedAt: n,
      schema: {
        input: {
          type: 'object',
          properties: {
            orderId: described('string', 'Number of the order, such as A-1001'),
            productId: described('string', 'Product to hold, as in the catalogue'),
            quantity: described('integer', 'How many to hold', { minimum: 1 }),
            warehouse: described('string', 'Where to hold it', { enum: ['north', 'south', 'west'] }),
            until: described('string', 'When it is given back', { format: 'date-time' }),
          },
          required: ['orderId', 'productId', 'quantity'],
        },
        output: {
          type: 'object',
          properties: {
            reservationId: described('string', 'Number of the reservation'),
            heldUntil: described('string', 'When it is given back', { format: 'date-time' }),
          },
        },
      },
    }) as PlannableService;
  const charactersOf = (services: number): number => {
    const prompt = planningPrompt({
      action: 'Ship the order A-1001',
      data: [{ field: 'orderId', value: 'A-1001' }],
      services: labelled(Array.from({ length: services }, (_, index) => service(index))),
      includeValues: false,
    });
    return prompt.services.length + prompt.rest.length;
  };
  const number = (text = ''): number => Number(text.replaceAll(',', ''));
  const near = (shown: number, is: number): boolean => Math.abs(shown - is) <= is * 0.1;

  it('of a prompt are as documented, within a tenth', () => {
    const [, each, around] =
      /takes about\s+(\d+)\s+characters\s+of\s+the\s+prompt\.\s+The\s+rest\s+takes\s+about\s+([\d,]+)/.exec(models) ??
      [];
    expect([
      near(number(each), (charactersOf(50) - charactersOf(10)) / 40),
      near(number(around), charactersOf(0)),
    ]).toEqual([true, true]);
    const rows = rowsBelow(models, 'Choosing a model').map((cells) => cells.map(number));
    expect(rows.length).toBe(3);
    for (const [services = 0, characters = 0, tokens = 0] of rows) {
      expect([services, near(characters, charactersOf(services)), near(tokens, charactersOf(services) / 4)]).toEqual([
        services,
        true,
        true,
      ]);
    }
  });

  it('that bound prompts and responses are those of the code', () => {
    const limit = (file: string, name: string): number =>
      number(
        new RegExp(`const ${name} = ([\\d_]+)`)
          .exec(read(path.join(SRC, 'planner/model', file)))?.[1]
          ?.replaceAll('_', ''),
      );
    const shown = (value: number): string => value.toLocaleString('en');
    const oneLine = (page: string): string => page.replace(/\s+/g, ' ');
    expect(oneLine(models)).toContain(
      `does not send a prompt of more than ${shown(limit('model-planner.ts', 'MAX_PROMPT_LENGTH'))} characters`,
    );
    expect(privacy).toContain(
      `its description (up to ${limit('describe-spec.ts', 'MAX_DESCRIPTION_LENGTH')} characters)`,
    );
    expect(oneLine(privacy)).toContain(`(up to ${shown(limit('plan-response.ts', 'MAX_REASON_LENGTH'))} characters)`);
    expect(oneLine(privacy)).toContain(
      `error of the endpoint (up to ${limit('chat-client.ts', 'LONGEST_MESSAGE')} characters)`,
    );
    expect(models).toContain(`(after ${limit('chat-client.ts', 'MAX_RETRIES') + 1} attempts)`);
  });
});
