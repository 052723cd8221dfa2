import { Type } from 'class-transformer';
import { IsEmail, IsString, Length, ValidateNested } from 'class-validator';
import { Describe } from '@orra-ts/sdk';

export class Address {
  @IsString() street!: string;
  @IsString() city!: string;
  @IsString() postalCode!: string;
  @IsString() @Length(2, 2) @Describe('ISO 3166 code, such as NO') country!: string;
}

export class CustomerQuery {
  @IsString() @Describe('Id of the customer, such as cus-1001') customerId!: string;
}

export class CustomerRecord {
  @IsString() name!: string;
  @IsEmail() email!: string;
  @IsString() @Describe('Account to charge') billingAccount!: string;
  @ValidateNested() @Type(() => Address) address!: Address;
}
