import { IsIn, IsInt, IsString, Min } from 'class-validator';
import { Field } from '@orra-ts/sdk';
import { CATEGORIES, type Category } from './triage';

export class RefundInput {
  @IsString() @Field({ description: 'Id of the ticket that asks for the refund' }) ticketId!: string;
  @IsString() @Field({ description: 'Order that was paid' }) orderId!: string;
  @IsInt() @Min(1) @Field({ description: 'What to pay back, in euro cents' }) amountCents!: number;
  @IsIn(CATEGORIES) @Field({ description: 'Why, as triage has classified the ticket' }) reason!: Category;
}

export class RefundOutput {
  @IsString() @Field({ description: 'Id of the reserved refund' }) refundId!: string;
}
