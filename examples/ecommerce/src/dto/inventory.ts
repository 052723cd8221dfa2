import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsArray, IsInt, IsString, ValidateNested } from 'class-validator';
import { Describe } from '@orra-ts/sdk';
import { OrderLine } from './order';

export class ReserveInput {
  @IsString() orderId!: string;
  @IsString() @Describe('Stock is held for paid orders only') paymentId!: string;
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => OrderLine) lines!: OrderLine[];
}

export class ReserveOutput {
  @IsString() reservationId!: string;
  @IsInt() units!: number;
}
