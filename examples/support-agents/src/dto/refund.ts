import { IsIn, IsInt, IsString, Min } from 'class-validator';
import { Field } from '@orra-ts/sdk';
import { CATEGORIES, type Category } from './triage';

export class RefundInput {
  @IsString() @Field({ description: 'Id of the ticket that requests the refund' }) ticketId!: string;
  @IsString() @Field({ description: 'Id of the paid order' }) orderId!: string;
  @IsInt() @Min(1) @Field({ description: 'Amount to refund, in euro cents' }) amountCents!: number;
  @IsIn(CATEGORIES) @Field({ description: 'Category of the ticket from triage' }) reason!: Category;
}

export class RefundOutput {
  @IsString() @Field({ description: 'Id of the reserved refund' }) refundId!: string;
}
