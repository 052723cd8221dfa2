import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsArray, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { Describe } from '@orra-ts/sdk';

export class OrderLine {
  @IsString() @Describe('Product of the catalogue, such as lamp-desk-oak') productId!: string;
  @IsInt() @Min(1) quantity!: number;
}

/** What the checkout hands over: the data of the plan. */
export class Order {
  @IsString() orderId!: string;
  @IsString() customerId!: string;
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => OrderLine) lines!: OrderLine[];
  @IsInt() @Min(1) @Describe('What the customer has agreed to pay, in euro cents') totalCents!: number;
}
