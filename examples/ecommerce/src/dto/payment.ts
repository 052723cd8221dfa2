import { IsInt, IsString, Min } from 'class-validator';
import { Describe } from '@orra-ts/sdk';

export class ChargeInput {
  @IsString() @Describe('What is paid for; charged once, however often it is asked for') orderId!: string;
  @IsString() account!: string;
  @IsInt() @Min(1) @Describe('Euro cents') amountCents!: number;
}

export class Receipt {
  @IsString() paymentId!: string;
  @IsInt() amountCents!: number;
}
