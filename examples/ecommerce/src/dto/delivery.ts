import { Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { Address } from './customer';

export class ShipInput {
  @IsString() orderId!: string;
  @IsString() reservationId!: string;
  @IsString() recipient!: string;
  @ValidateNested() @Type(() => Address) address!: Address;
}

export class Shipment {
  @IsString() trackingId!: string;
  @IsString() courier!: string;
  @IsInt() @Min(1) arrivesInDays!: number;
}
