import { IsInt, IsString, Min } from 'class-validator';
import { Describe } from '@orra-ts/nestjs';

export class PlaceOrder {
  @IsString() @Describe('Product to order') sku!: string;
  @IsInt() @Min(1) quantity!: number;
}

export class Reservation {
  @IsString() reservationId!: string;
  @IsInt() amountCents!: number;
}

export class ChargeInput {
  @IsString() reservationId!: string;
  @IsInt() amountCents!: number;
}

export class Charge {
  @IsString() chargeId!: string;
}
