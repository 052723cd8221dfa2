import { IsIn, IsOptional, IsString } from 'class-validator';
import { Field } from '@orra-ts/sdk';
import { LANGUAGES, type Language } from './triage';

export class ReplyInput {
  @IsString() @Field({ description: 'Id of the ticket that is answered' }) ticketId!: string;
  @IsString() @Field({ description: 'Whom the answer addresses' }) customerName!: string;
  @IsIn(LANGUAGES) @Field({ description: 'Language to answer in, as triage has found it' }) language!: Language;

  @IsOptional()
  @IsString()
  @Field({ description: 'Article that the answer quotes. Give it when an article was looked up for the customer' })
  articleId?: string;

  @IsOptional()
  @IsString()
  @Field({
    description:
      'Refund that the answer tells of. Give it whenever there is a refund, so that none is promised before it is reserved',
  })
  refundId?: string;
}

export class ReplyOutput {
  @IsString() @Field({ description: 'The answer as it was sent' }) text!: string;
}
