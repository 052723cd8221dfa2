/** The services of the shop. They know interfaces, and neither a database nor the tenants of other tasks. */
import 'reflect-metadata';
import { IsInt, IsString, Min } from 'class-validator';
import { inject, injectable } from 'tsyringe';
import { Handler, OrraService, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';
import { PAYMENTS, STOCK, type Payments, type Stock } from './ports';

export class Order {
  @IsString() tenant!: string;
  @IsString() sku!: string;
  @IsInt() @Min(1) quantity!: number;
  @IsInt() @Min(1) amountCents!: number;
}

class ChargeInput {
  /** Reverts have no metadata, so the tenant is a part of each input. */
  @IsString() tenant!: string;
  @IsInt() @Min(1) amountCents!: number;
}

class Receipt {
  @IsString() paymentId!: string;
}

class ReserveInput {
  @IsString() tenant!: string;
  @IsString() paymentId!: string;
  @IsString() sku!: string;
  @IsInt() @Min(1) quantity!: number;
}

class Reservation {
  @IsString() reservationId!: string;
}

@OrraService({ name: 'payment-service', description: 'Charges an order of a tenant' })
@injectable()
export class PaymentService {
  constructor(@inject(PAYMENTS) private readonly payments: Payments) {}

  @Handler({ input: ChargeInput, output: Receipt })
  async charge({ input, idempotencyKey }: Task<ChargeInput>): Promise<Receipt> {
    this.payments.charge(idempotencyKey, input.amountCents);
    return { paymentId: idempotencyKey };
  }

  @RevertHandler('charge')
  async refund({ output }: RevertSource<ChargeInput, Receipt>): Promise<void> {
    this.payments.refund(output.paymentId);
  }
}

@OrraService({ name: 'inventory-service', description: 'Holds the stock of a tenant for a paid order' })
@injectable()
export class InventoryService {
  constructor(@inject(STOCK) private readonly stock: Stock) {}

  @Handler({ input: ReserveInput, output: Reservation })
  async reserve(task: Task<ReserveInput>): Promise<Reservation> {
    const { sku, quantity } = task.input;
    const available = this.stock.available(sku);
    if (available < quantity) return task.abort({ reason: 'INSUFFICIENT_INVENTORY', available });
    this.stock.hold(task.idempotencyKey, sku, quantity);
    return { reservationId: task.idempotencyKey };
  }

  @RevertHandler('reserve')
  async release({ output }: RevertSource<ReserveInput, Reservation>): Promise<void> {
    this.stock.release(output.reservationId);
  }
}
