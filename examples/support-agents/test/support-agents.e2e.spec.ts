/** Runs the demo as users do: in a separate process, with the scripted model and with a model of the environment. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeModel, modelReply, type ModelScript } from '@orra-ts/fakes';

const example = path.resolve(__dirname, '..');
const program = path.join(example, 'dist', 'main.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Files left in the working folder, which is also TMPDIR. */
  readonly left: readonly string[];
}

function run(env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const folder = mkdtempSync(path.join(tmpdir(), 'orra-support-'));
  return new Promise<Ended>((resolve, reject) => {
    const { PATH } = process.env;
    const child = spawn(process.execPath, [program], { cwd: folder, env: { PATH, TMPDIR: folder, ...env } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err, left: readdirSync(folder) }));
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
}

/** Splits the output into one part per ticket, and the summary. */
const partsOf = (out: string): string[] => out.split(/^(?:Ticket \d of 4: T-\d+|Summary) ─+$/m).slice(1);

const order = (text: string, ...marks: string[]): number[] => marks.map((mark) => text.indexOf(mark));
const ascending = (numbers: readonly number[]): boolean =>
  numbers.every((value, index) => value >= 0 && value > (numbers[index - 1] ?? -1));

describe('with the scripted model', () => {
  let ended: Ended;
  let tickets: string[];
  beforeAll(async () => {
    ended = await run();
    tickets = partsOf(ended.out);
  });

  it('prints the name of the model first, exits with code 0 and leaves no files', () => {
    const { code, out, err, left } = ended;
    expect({ code, err, left }).toEqual({ code: 0, err: '', left: [] });
    const said = order(out, 'scripted, because neither LLM_API_KEY nor LLM_API_BASE_URL is set', 'Ticket 1 of 4');
    expect(ascending(said)).toBe(true);
    expect(out).toContain('4 of 4 tickets ended as expected');
    // No colours without a terminal.
    expect(out.includes('\u001b')).toBe(false);
  });

  it('the first ticket is answered with the results of triage and search, which run concurrently', () => {
    const [answered = ''] = tickets;
    expect(answered).toMatch(/attempt 1 +\d+ tokens in, \d+ out\n/);
    expect(answered).toMatch(/step 1 +task1 +triage-agent .*\n +and +task2 +knowledge-agent .*\n +step 2 +task3/);
    // Both start before either of them ends.
    expect(ascending(order(answered, 'Reading the ticket', 'how-to, normal, in en'))).toBe(true);
    expect(ascending(order(answered, 'Searching 3 articles', 'how-to, normal, in en'))).toBe(true);
    expect(answered).toMatch(/status +completed/);
    expect(answered).toMatch(/answer +Dear Amara Okafor, .*citric acid/);
    expect(answered).toMatch(/at the desk +assigned to how-to → answered/);
  });

  it('the second ticket is refunded with the second plan, after the first is rejected with its problem', () => {
    const refunded = tickets[1] ?? '';
    expect(refunded).toMatch(
      /attempt 1 .* rejected\n +task2, input\.reason: .*"topic".*category.*\n +attempt 2 .* out\n/,
    );
    expect(refunded).toMatch(/status +completed/);
    expect(refunded).toMatch(/answer +Guten Tag Jonas Weidner, .*€49\.90/);
    expect(refunded).toMatch(/at the desk +assigned to damaged → refund reserved €49\.90 → answered/);
  });

  it('the third ticket uses the cached plan of the second, is aborted, and returns to the inbox', () => {
    const refused = tickets[2] ?? '';
    expect(refused).toContain('from the plan cache; the model scripted was not called');
    expect(refused).toMatch(/status +aborted/);
    expect(refused).toMatch(/aborted by +refund-agent: reason ABOVE_REFUND_LIMIT, amountCents 64900, limitCents 20000/);
    expect(refused).toMatch(/compensated +triage-agent\n/);
    expect(refused).toMatch(/at the desk +assigned to damaged → returned to the inbox\n/);
  });

  it('the fourth ticket is not actionable, with the reason and the nearest agents', () => {
    const none = tickets[3] ?? '';
    expect(none).toMatch(/status +not_actionable/);
    expect(none).toMatch(/reason +these agents classify, look up, refund and reply; none of them sends technicians/);
    expect(none).toMatch(/nearest +triage-agent, reply-agent/);
    expect(none).toMatch(/at the desk +nothing was done/);
    expect(none).not.toContain('Progress');
  });
});

describe('with a model of the environment', () => {
  const apiKey = 'sk-of-the-desk';
  let model: FakeModel;
  beforeEach(async () => {
    model = await FakeModel.start({ apiKey, script: otherModel });
  });
  afterEach(() => model.close());

  const environment = (): Record<string, string> => ({
    LLM_API_BASE_URL: model.baseUrl,
    LLM_API_KEY: apiKey,
    LLM_MODEL: 'desk-model',
  });

  const tickets = JSON.parse(readFileSync(path.join(example, 'data', 'tickets.json'), 'utf8')) as object[];
  const values = tickets.flatMap((ticket) => Object.values(ticket)).map(String);
  /** Submitted values that occur in any request to the model. */
  const shown = (): string[] => {
    const asked = JSON.stringify(model.requests.map(({ body }) => body));
    return values.filter((value) => asked.includes(value));
  };

  it('that model is called with the API key, and its plans run', async () => {
    const { code, out, err, left } = await run(environment());
    expect({ code, err, left }).toEqual({ code: 0, err: '', left: [] });
    expect(out).toContain(`desk-model, at ${model.baseUrl}`);
    // One plan, one rejected plan and its correction, no call for the third ticket, and one refusal.
    expect(model.requests.map(({ model: asked, headers }) => [asked, headers.authorization])).toEqual(
      Array.from({ length: 4 }, () => ['desk-model', `Bearer ${apiKey}`]),
    );
    const [answered = '', refunded = ''] = partsOf(out);
    expect(answered).toMatch(/by the model desk-model\n/);
    expect(answered).toMatch(/step 1 +sort +triage-agent .*\n +and +search +knowledge-agent .*\n +step 2 +write/);
    expect(answered).toMatch(/at the desk +assigned to how-to → answered/);
    expect(refunded).toMatch(/attempt 1 .* rejected\n +pay, input\.amountCents: /);
    expect(refunded).toMatch(/at the desk +assigned to damaged → refund reserved €49\.90 → answered/);
    expect(out).toContain('4 of 4 tickets ended as expected');
    expect(out.includes(apiKey)).toBe(false);
  });

  it('requests contain names and types, but no submitted values, also after a rejected plan', async () => {
    const { out } = await run(environment());
    expect(out).toContain('none of its values');
    expect(model.requests[1]?.prompt).toContain('- "amountCents": integer');
    expect(model.requests[2]?.prompt).toContain('This response cannot be used');
    expect(shown()).toEqual([]);
  });

  it('requests contain the values if LLM_INCLUDE_VALUES is true', async () => {
    const { out } = await run({ ...environment(), LLM_INCLUDE_VALUES: 'true' });
    expect(out).toContain('names, types and values of the data (LLM_INCLUDE_VALUES)');
    expect(shown()).toEqual(values);
  });
});

/** Plans with other task ids than those of the scripted model. */
const otherModel: ModelScript = ({ prompt, messages }) => {
  const triage = { ticketId: '$task0.ticketId', message: '$task0.message' };
  const reply = { ticketId: '$task0.ticketId', customerName: '$task0.customerName', language: '$sort.language' };
  const sort = { id: 'sort', service: 'triage-agent', input: triage };
  if (prompt.includes('"Answer the customer')) {
    const search = { id: 'search', service: 'knowledge-agent', input: { question: '$task0.message' } };
    const write = { id: 'write', service: 'reply-agent', input: { ...reply, articleId: '$search.articleId' } };
    return modelReply.plan({ tasks: [sort, search, write] });
  }
  if (prompt.includes('"Refund what')) {
    const refund = { ticketId: '$task0.ticketId', orderId: '$task0.orderId', reason: '$sort.category' };
    // A string instead of a number, until the engine reports the problem.
    const amountCents = messages.length === 1 ? '$task0.orderId' : '$task0.amountCents';
    const pay = { id: 'pay', service: 'refund-agent', input: { ...refund, amountCents } };
    const write = { id: 'write', service: 'reply-agent', input: { ...reply, refundId: '$pay.refundId' } };
    return modelReply.plan({ tasks: [sort, pay, write] });
  }
  return modelReply.notActionable('nobody can be sent', ['reply-agent']);
};
