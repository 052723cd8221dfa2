/**
 * Strings that look like references but are not. A reference is the whole value, as `$task1.field`; anything similar would
 * reach the service as a string, or not at all, and is rejected. Prices (`$5.00`) and names (`$HOME`) are accepted.
 */
import { parseReference } from '@orra-ts/protocol';
import { nearestNames } from '../nearest-names';
import { excerpt } from '../excerpt';

/** Task ids as the examples write them. */
const USUAL_ID = /^task\d+$/i;
const TASK_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const ID = String.raw`[\p{L}_][\p{L}\p{N}_-]*`;
/** `$task1`, and the first character of a member behind it. */
const DOLLAR = new RegExp(String.raw`\$(${ID})(\.[\p{L}\p{N}_])?`, 'gu');
/** Other notations: `${task1.x}`, `{{ task1.x }}`, `{$task1.x}`, `$(task1.x)`. */
const BRACES = new RegExp(String.raw`(\$[({[]|\{\{?)\s*\$?(${ID})\s*([.)}\]])`, 'gu');
const WORD_CHARACTER = /[\p{L}\p{N}_]$/u;

/** References are never resolved in submitted data. */
const SUBMIT_IT = 'a text of this form has to be submitted as data';

export const isTaskId = (id: string): boolean => TASK_ID.test(id);

export class MalformedReferences {
  private readonly ids: ReadonlySet<string>;
  /** Task ids by their lower-case form, for messages: references themselves are case-sensitive. */
  private readonly meant: ReadonlyMap<string, string>;

  /** @param ids of the plan's tasks, task0 included */
  constructor(ids: readonly string[]) {
    this.ids = new Set(ids);
    this.meant = new Map(ids.map((id) => [id.toLowerCase(), id]));
  }

  /** The problem of a string in the input of a task; undefined for a valid reference and for other strings. */
  problemOfValue(text: string, ownId: string): string | undefined {
    if (!text.includes('$') && !text.includes('{')) return undefined;
    const reference = parseReference(text);
    if (reference && this.ids.has(reference.taskId)) {
      if (this.lookIn(text.slice(reference.taskId.length + 1)) !== undefined) return mixed(text);
      return reference.taskId === ownId ? 'refers to its own task, which cannot wait for itself' : undefined;
    }
    const look = this.lookIn(text);
    // A second mark means two references, or a reference inside a longer string.
    if (reference && (look === undefined || !/[${]/.test(reference.taskId))) return this.unknown(reference.taskId);
    if (look === undefined) return undefined;
    const id = this.meant.get(look.id.toLowerCase());
    if (text === `$${look.id}` || text === `$${look.id}.`) {
      if (id === undefined) return this.unknown(look.id);
      return `"${text}" names a task, but nothing of its output; write $${id}.field`;
    }
    if (!look.inBraces) return mixed(text);
    return `"${excerpt(text)}" is not how a reference is written; write $${id ?? look.id}.field, as the whole value`;
  }

  /** The problem of a member's name. */
  problemOfName(name: string): string | undefined {
    if (!name.includes('$') && !name.includes('{')) return undefined;
    if (!parseReference(name) && this.lookIn(name) === undefined) return undefined;
    return `"${excerpt(name)}" is the name of a member; references are read only as values`;
  }

  private unknown(taskId: string): string {
    return `refers to ${excerpt(taskId)}, which is no task of this plan; its tasks are: ${nearestNames([...this.ids], taskId)}; ${SUBMIT_IT}`;
  }

  private lookIn(text: string): { readonly id: string; readonly inBraces: boolean } | undefined {
    for (const { 1: id = '', 2: member, index } of text.matchAll(DOLLAR)) {
      // After a letter it is part of a word, unless it is the id of a task.
      const isFree = !WORD_CHARACTER.test(text.slice(Math.max(0, index - 1), index));
      if (this.isTask(id) || (member !== undefined && isFree)) return { id, inBraces: false };
    }
    for (const [, opening, id = '', next] of text.matchAll(BRACES)) {
      // `{name}` alone is a common placeholder in templates for people.
      if (this.isTask(id) && (opening !== '{' || next === '.')) return { id, inBraces: true };
    }
    return undefined;
  }

  private isTask(id: string): boolean {
    return this.meant.has(id.toLowerCase()) || USUAL_ID.test(id);
  }
}

const mixed = (text: string): string =>
  `"${excerpt(text)}" mixes text and a reference; a reference must be the whole value, ${SUBMIT_IT}`;
