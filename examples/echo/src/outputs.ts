// examples/echo/src/outputs.ts
import 'reflect-metadata';
import { Exclude, Expose, Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import {
  Handler,
  OrraFactory,
  OrraService,
  RevertHandler,
  type RevertSource,
  type Task,
  definePlan,
} from '@orra-ts/sdk';

/** As in libraries for decimals: `toJSON` returns a string. */
class Money {
  constructor(private readonly cents: number) {}
  toJSON(): string {
    return (this.cents / 100).toFixed(2);
  }
}

class Order {
  @IsInt() cents!: number;
  @IsString() card!: string;
}
class Charged {
  @IsString() chargeId!: string;
  @IsString() amount!: Money | string;
  @IsString() @Expose({ name: 'last_digits' }) @Transform(({ value }) => String(value).slice(-4)) card!: string;
  @IsOptional() @IsString() @Exclude({ toPlainOnly: true }) token?: string;
}
class Amount {
  @IsString() amount!: string;
}
class Parcel {
  @IsString() parcelId!: string;
}

/** A row of a database: it has more members than the output declares, and a method. */
const insertCharge = ({ cents, card }: Order) => ({
  chargeId: 'ch-1',
  amount: new Money(cents),
  card,
  token: 'tok_secret',
  rowVersion: 3,
  reload: () => Promise.resolve(),
});

@OrraService({ name: 'payments', description: 'Charges a card' })
class Payments {
  @Handler({ input: Order, output: Charged })
  charge({ input }: Task<Order>): Charged {
    return insertCharge(input);
  }

  @RevertHandler('charge')
  refund({ output }: RevertSource<Order, Charged>): void {
    console.log('refund', output);
  }
}

@OrraService({ name: 'parcels', description: 'Ships a parcel of a value' })
class Parcels {
  @Handler({ input: Amount, output: Parcel })
  ship(task: Task<Amount>): Parcel {
    // JSON would make {} of an error. The payload is its name, message and code.
    if (Number(task.input.amount) > 100) return task.abort(new RangeError('not insured above 100.00'));
    return { parcelId: 'p-1' };
  }
}

const sell = definePlan('Sell for {cents}', Order, (plan, order) => {
  const charged = plan.task(Payments, 'charge', { cents: order.cents, card: order.card });
  return plan.task(Parcels, 'ship', { amount: charged.amount as typeof charged.chargeId });
});

async function main(): Promise<void> {
  const app = await OrraFactory.create({
    services: [Payments, Parcels],
    plans: [sell],
    engine: embeddedEngine({ storage: ':memory:' }),
  });
  await app.start();
  for (const cents of [1250, 99_900]) {
    const sale = await app.orra.action('Sell for cents').with({ cents, card: '4242424242424242' }).submit();
    const result = await sale.result();
    await sale.settled();
    const { tasks } = await sale.inspect();
    console.log(result.status, tasks?.find(({ serviceName }) => serviceName === 'payments')?.output);
    if (result.status === 'aborted') console.log(result.payload);
  }
  await app.close();
}

void main();
