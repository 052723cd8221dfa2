/** The help articles. */
import type { Language } from '../dto/triage';
import { readData, wordsInCommon } from './data';

export interface Article {
  readonly id: string;
  readonly title: string;
  /** Words of questions that the article answers. */
  readonly words: readonly string[];
  readonly text: Readonly<Record<Language, string>>;
}

export class Library {
  private readonly articles = readData<readonly Article[]>('articles');

  get size(): number {
    return this.articles.length;
  }

  /** Returns the article that has the most words in common with the question. */
  find(question: string): Article | undefined {
    const [best] = this.articles
      .map((article) => ({ article, hits: wordsInCommon(question, article.words) }))
      .filter(({ hits }) => hits > 0)
      .sort((a, b) => b.hits - a.hits);
    return best?.article;
  }

  get(id: string): Article | undefined {
    return this.articles.find((article) => article.id === id);
  }
}
