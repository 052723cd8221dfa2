import { IsIn, IsString } from 'class-validator';
import { Field } from '@orra-ts/sdk';

export const CATEGORIES = ['damaged', 'delivery', 'how-to', 'other'] as const;
export type Category = (typeof CATEGORIES)[number];

export const URGENCIES = ['high', 'normal'] as const;
export type Urgency = (typeof URGENCIES)[number];

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export class TriageInput {
  @IsString() @Field({ description: 'Id of the ticket', example: 'T-100' }) ticketId!: string;
  @IsString() @Field({ description: 'Message of the customer' }) message!: string;
}

export class TriageOutput {
  @IsIn(CATEGORIES) @Field({ description: 'Subject of the ticket' }) category!: Category;
  @IsIn(URGENCIES) @Field({ description: 'Urgency of the ticket' }) urgency!: Urgency;
  @IsIn(LANGUAGES) @Field({ description: 'Language of the customer' }) language!: Language;
}
