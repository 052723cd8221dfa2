/** A service whose revert handler also undoes charges without a known outcome: docs/concepts.md shows it. */
import { IsInt, IsString } from 'class-validator';
import { Handler, OrraService, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';

export class ChargeInput {
  @IsString() account!: string;
  @IsInt() amountCents!: number;
}

export class Receipt {
  @IsString() paymentId!: string;
}

/** An external system that recognises idempotency keys. */
export interface Bank {
  charge(account: string, amountCents: number, options: { idempotencyKey: string }): Promise<string>;
  /** Resolves with the id of the payment that was made under this key, if there is one. */
  findPayment(idempotencyKey: string): Promise<string | undefined>;
  refund(paymentId: string): Promise<void>;
}

@OrraService({ name: 'payments', description: 'Charges an account' })
export class Payments {
  constructor(private readonly bank: Bank) {}

  @Handler({ input: ChargeInput, output: Receipt })
  async charge({ input, idempotencyKey }: Task<ChargeInput>): Promise<Receipt> {
    const paymentId = await this.bank.charge(input.account, input.amountCents, { idempotencyKey });
    return { paymentId };
  }

  @RevertHandler('charge', { also: ['failed', 'unknown'] })
  async refund({ output, taskKey }: RevertSource<ChargeInput, Receipt | undefined>): Promise<void> {
    const paymentId = output?.paymentId ?? (await this.bank.findPayment(taskKey));
    if (paymentId !== undefined) await this.bank.refund(paymentId);
  }
}
