import 'reflect-metadata';
import { IsInt, IsString } from 'class-validator';
import { z } from 'zod';
import {
  CompensationResult,
  Handler,
  RevertHandler,
  RevertSource,
  Task,
  definePlan,
  jsonSchema,
  remoteService,
  type ServiceSource,
} from '@orra-ts/sdk';
class In {
  @IsString() productId!: string;
  @IsInt() quantity!: number;
}
class Out {
  @IsString() reservationId!: string;
  label() {
    return this.reservationId;
  }
}
class Other {
  zzz!: string;
}
class Wide extends In {
  more!: number;
}
declare function find(id: string): Promise<{ n: number } | undefined>;

export class Inventory {
  @Handler({ input: In, output: Out, timeout: '30s', concurrency: 16 })
  async reserve(task: Task<In>) {
    const stock = await find(task.input.productId);
    if (!stock) return task.abort({ reason: 'UNKNOWN_PRODUCT' });
    if (stock.n < task.input.quantity) task.abort({ reason: 'INSUFFICIENT_INVENTORY', available: stock.n });
    return { reservationId: String(stock.n) };
  }
  @RevertHandler('reserve', { revertibleFor: '24h' })
  async release({ output, context }: RevertSource<In, { reservationId: string }>) {
    void output.reservationId;
    void context?.reason;
    return CompensationResult.completed();
  }

  @Handler({ input: In, output: Out, takes: 'input', name: 'hold' })
  hold(input: In, opts?: { dryRun?: boolean }): Out {
    return new Out();
  } // an existing method, unchanged, still callable by a controller
  @RevertHandler('hold', { also: ['failed', 'unknown'] })
  async unhold({ output, outcome, taskKey, previous }: RevertSource<In, Out | undefined>) {
    if (outcome === 'unknown') void taskKey.length;
    void previous?.remaining.length;
    if (!output) return;
    void output.reservationId;
  }
}
class ById {
  id!: string;
}
export class Wrong {
  // @ts-expect-error unrelated input
  @Handler({ input: In, output: Out }) async a(task: Task<Other>): Promise<Out> {
    return new Out();
  }
  // @ts-expect-error the handler requires more than the schema has (not found by a plain parameter type with nest's tsconfig)
  @Handler({ input: In, output: Out }) async b(task: Task<Wide>): Promise<Out> {
    return new Out();
  }
  // @ts-expect-error wrong output
  @Handler({ input: In, output: Out }) async c(task: Task<In>): Promise<Other> {
    return new Other();
  }
  // @ts-expect-error forgot takes: 'input'
  @Handler({ input: In, output: Out }) async d(input: In): Promise<Out> {
    return new Out();
  }
  // @ts-expect-error forgot takes: 'input'; the input looks like a task
  @Handler({ input: ById, output: Out }) async e({ id }: ById): Promise<Out> {
    return new Out();
  }
  @Handler({ input: In, output: Out }) async none() {
    return new Out();
  }
  @Handler({ input: ById, output: Out }) async some({ input, signal }: Task<ById>) {
    return new Out();
  }
  @Handler({ input: In, output: Out }) async ok(task: Task<In>) {
    return new Out();
  }
  // @ts-expect-error typo in the handler's name
  @RevertHandler('okay') async e(s: RevertSource<In, Out>) {}
  // @ts-expect-error wrong output of the handler
  @RevertHandler('ok') async f(s: RevertSource<In, Other>) {}
  // @ts-expect-error may be undefined with `also`
  @RevertHandler('ok', { also: ['failed'] }) async g(s: RevertSource<In, Out>) {}
  // @ts-expect-error not an outcome without an output
  @RevertHandler('ok', { also: ['interrupted'] }) async i(s: RevertSource<In, Out | undefined>) {}
  // @ts-expect-error a completed task needs no `also`
  @RevertHandler('ok', { also: ['completed'] }) async j(s: RevertSource<In, Out | undefined>) {}
  // @ts-expect-error wrong result
  @RevertHandler('ok') async h(s: RevertSource<In, Out>) {
    return 'completed';
  }
}
const ZIn = z.object({ when: z.string().transform((s) => new Date(s)), n: z.number().default(3) });
export class Zod {
  @Handler({ input: ZIn, output: z.object({ ok: z.boolean().default(true) }) }) async a(
    task: Task<z.output<typeof ZIn>>,
  ) {
    task.input.when.getTime();
    return {};
  }
  @Handler({ input: jsonSchema<{ a: string }>({ type: 'object' }), output: Out }) async b(task: Task<{ a: string }>) {
    return { reservationId: task.input.a };
  }
  // @ts-expect-error the JSON Schema has a type
  @Handler({ input: jsonSchema<{ a: string }>({ type: 'object' }), output: Out }) async c(task: Task<{ b: string }>) {
    return { reservationId: task.input.b };
  }
}
class Order {
  customerId!: string;
  productId!: string;
  quantity!: number;
}
class CustIn {
  customerId!: string;
}
class Cust {
  address!: { line: string };
}
class ShipIn {
  line!: string;
  reservationId!: string;
}
class Shipped {
  trackingId!: string;
}
class Customers {
  @Handler({ input: CustIn, output: Cust }) async lookup(t: Task<CustIn>): Promise<Cust> {
    return { address: { line: '' } };
  }
}
class Delivery {
  @Handler({ input: ShipIn, output: Shipped }) async ship(t: Task<ShipIn>): Promise<Shipped> {
    return { trackingId: '' };
  }
}
export const shipOrder = definePlan('Ship order', Order, (p, order) => {
  const customer = p.task(Customers, 'lookup', { customerId: order.customerId });
  const held = p.task(Inventory, 'reserve', { productId: order.productId, quantity: order.quantity });
  return p.task(Delivery, 'ship', { line: customer.address.line, reservationId: held.reservationId });
});
export const bad = definePlan('bad', Order, (p, order) => {
  // @ts-expect-error number passed to a string
  p.task(Customers, 'lookup', { customerId: order.quantity });
  // @ts-expect-error missing field
  return p.task(Inventory, 'reserve', { productId: order.productId });
});

interface Parcel {
  readonly to: { readonly line: string; readonly floor?: number };
  readonly stamps: readonly string[];
  readonly note?: string;
}
const post = remoteService({
  name: 'post',
  input: jsonSchema<Parcel>({ type: 'object' }),
  output: jsonSchema<{ parcel?: Parcel; stamps: string[] }>({ type: 'object' }),
});
export const postOrder = definePlan('Post order', Order, (p, order) => {
  const posted = p.task(post, { to: { line: order.customerId, floor: 1 }, stamps: [order.productId, 'air'] });
  // An optional member can be referenced, and passed to an optional member.
  p.task(post, { to: posted.parcel!.to, stamps: posted.stamps, note: posted.parcel!.note! });
  // @ts-expect-error number passed to a string, inside an object
  p.task(post, { to: { line: order.quantity }, stamps: [] });
  // @ts-expect-error number passed to a string, inside a list
  return p.task(post, { to: { line: 'a' }, stamps: [order.quantity] });
});
// @ts-expect-error it runs in another application
export const notHere: ServiceSource = post;
