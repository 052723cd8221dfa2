import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsArray, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { Describe } from '@orra-ts/sdk';

export class OrderLine {
  @IsString() @Describe('Id of a product in the catalogue, such as lamp-desk-oak') productId!: string;
  @IsInt() @Min(1) quantity!: number;
}

/** The data of the plan. The checkout submits it. */
export class Order {
  @IsString() orderId!: string;
  @IsString() customerId!: string;
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => OrderLine) lines!: OrderLine[];
  @IsInt() @Min(1) @Describe('Price that the customer has agreed to, in euro cents') totalCents!: number;
}
