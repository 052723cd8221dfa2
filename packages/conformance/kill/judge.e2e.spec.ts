/** The judge of the kill tests notices what they look for: each ledger here was written by hand. */
import type { OrraClient } from '@orra-ts/client';
import { Bank } from './bank';
import { judge } from './judge';

interface Order {
  readonly status: string;
  /** The charge in the output of the task `card`. */
  readonly charge?: string;
  /** Kinds of the records of the task `card`. */
  readonly records?: readonly string[];
}

let bank: Bank;
beforeEach(async () => {
  bank = await Bank.open();
});
afterEach(() => bank.close());

const enter = (path: string, body: object): Promise<Response> =>
  fetch(bank.url + path, { method: 'POST', body: JSON.stringify(body) });
/** The bank of `card` does not recognise keys: each request is a charge, named `card-1`, `card-2` and so on. */
const charge = (): Promise<Response> => enter('/charge', { service: 'card', order: 'order-1', key: 'key-1' });
const refund = (id: string, revertKey: string): Promise<Response> =>
  enter('/refund', { service: 'card', charge: id, taskKey: 'key-1', revertKey });

async function violations({ status, charge: id, records = [] }: Order): Promise<readonly string[]> {
  const inspection = {
    id: 'o_1',
    status,
    taskZero: { order: 'order-1' },
    tasks: [{ id: 'card', output: id === undefined ? undefined : { charge: id } }],
  };
  const listed = records.map((kind) => ({ orchestrationId: 'o_1', taskId: 'card', status: kind }));
  const orra = {
    orchestrations: {
      list: () => Promise.resolve({ [status]: [{ id: 'o_1' }] }),
      inspect: () => Promise.resolve(inspection),
    },
    compensationFailures: { list: () => Promise.resolve(listed) },
  } as unknown as OrraClient;
  return (await judge({ bank, orra, accepted: ['o_1'], clockJumps: false })).violations;
}

it('accepts a charge that is kept, undone or listed', async () => {
  await charge();
  expect(await violations({ status: 'completed', charge: 'card-1' })).toEqual([]);
  expect(await violations({ status: 'failed', records: ['in_doubt'] })).toEqual([]);
  await refund('card-1', 'revert-1');
  expect(await violations({ status: 'failed' })).toEqual([]);
});

it("notices a second charge after a crash, as without onCrash: 'fail' at a bank that does not recognise keys", async () => {
  await charge();
  await charge();
  expect(await violations({ status: 'completed', charge: 'card-2' })).toEqual([
    'card-1 of order-1: is neither undone nor listed; its orchestration is completed',
  ]);
});

it('notices a charge of a failed order that is neither undone nor listed', async () => {
  await charge();
  expect(await violations({ status: 'failed' })).toHaveLength(1);
});

it('notices a charge that is undone twice', async () => {
  await charge();
  await refund('card-1', 'revert-1');
  await refund('card-1', 'revert-2');
  expect(await violations({ status: 'failed' })).toEqual(['card-1 of order-1: is undone twice']);
});

it('notices a charge that is undone although its order completed with it', async () => {
  await charge();
  await refund('card-1', 'revert-1');
  expect(await violations({ status: 'completed', charge: 'card-1' })).toHaveLength(1);
});

it('notices an order that has not ended, and a record without a reason', async () => {
  expect(await violations({ status: 'processing' })).toEqual(['o_1 has not ended: processing']);
  expect(await violations({ status: 'failed', records: ['failed'] })).toHaveLength(1);
});
