import { IsString } from 'class-validator';
import { Field } from '@orra-ts/sdk';

export class KnowledgeInput {
  @IsString() @Field({ description: 'The question as the customer wrote it, in any language' }) question!: string;
}

export class KnowledgeOutput {
  @IsString() @Field({ description: 'Id of the article that answers the question' }) articleId!: string;
  @IsString() @Field({ description: 'Title of that article' }) title!: string;
}
