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
  @IsString() @Field({ description: 'What the customer has written' }) message!: string;
}

export class TriageOutput {
  @IsIn(CATEGORIES) @Field({ description: 'What the ticket is about' }) category!: Category;
  @IsIn(URGENCIES) @Field({ description: 'How soon it must be dealt with' }) urgency!: Urgency;
  @IsIn(LANGUAGES) @Field({ description: 'Language that the customer writes in' }) language!: Language;
}
