import { Handler, OrraAgent, type Task } from '@orra-ts/sdk';
import type { Library } from '../desk/library';
import { KnowledgeInput, KnowledgeOutput } from '../dto/knowledge';
import { moment } from './moment';

@OrraAgent({
  name: 'knowledge-agent',
  description: 'Finds the help article that answers a question about our products or processes',
})
export class KnowledgeAgent {
  constructor(private readonly library: Library) {}

  @Handler({ input: KnowledgeInput, output: KnowledgeOutput, timeout: '1m' })
  async find(task: Task<KnowledgeInput>): Promise<KnowledgeOutput> {
    await task.pushUpdate({ progress: 20, status: 'searching', message: `Searching ${this.library.size} articles` });
    await moment(task.signal);
    const article = this.library.find(task.input.question);
    // Without an article, an employee has to answer. This is a decision, not an error.
    if (!article) return task.abort({ reason: 'NO_ARTICLE' });
    await task.pushUpdate({ progress: 100, status: 'found', message: article.title });
    return { articleId: article.id, title: article.title };
  }
}
