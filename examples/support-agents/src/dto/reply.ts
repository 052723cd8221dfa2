import { IsIn, IsOptional, IsString } from 'class-validator';
import { Field } from '@orra-ts/sdk';
import { LANGUAGES, type Language } from './triage';

export class ReplyInput {
  @IsString() @Field({ description: 'Id of the ticket to reply to' }) ticketId!: string;
  @IsString() @Field({ description: 'Name of the customer to address' }) customerName!: string;
  @IsIn(LANGUAGES) @Field({ description: 'Language of the reply, from triage' }) language!: Language;

  @IsOptional()
  @IsString()
  @Field({ description: 'Id of the article that the reply quotes. Set it if an agent looked up an article' })
  articleId?: string;

  @IsOptional()
  @IsString()
  @Field({
    description: 'Id of the refund that the reply confirms. Set it if there is a refund, so that it is reserved first',
  })
  refundId?: string;
}

export class ReplyOutput {
  @IsString() @Field({ description: 'The reply as it was sent' }) text!: string;
}
