import { IsInt, IsString, Min } from 'class-validator';
import { Describe } from '@orra-ts/sdk';

export class ChargeInput {
  @IsString() @Describe('Order to pay for; each order is charged only once') orderId!: string;
  @IsString() account!: string;
  @IsInt() @Min(1) @Describe('Euro cents') amountCents!: number;
}

export class Receipt {
  @IsString() paymentId!: string;
  @IsInt() amountCents!: number;
}
