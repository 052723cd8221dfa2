/**
 * Finds strings that look like references. A reference is the whole value, such as `$task1.field`. Any other string
 * that looks like one would reach the service unresolved, or not at all, and is rejected. Prices (`$5.00`) and names
 * (`$HOME`) are plain strings.
 */
import { parseReference } from '@orra-ts/protocol';
import { nearestNames } from '../nearest-names';
import { excerpt } from '../excerpt';

/** The usual form of task ids in the examples. */
const USUAL_ID = /^task\d+$/i;
const TASK_ID = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const ID = String.raw`[\p{L}_][\p{L}\p{N}_-]*`;
/** `$task1`, and the first character of a following member. */
const DOLLAR = new RegExp(String.raw`\$(${ID})(\.[\p{L}\p{N}_])?`, 'gu');
/** `${task1.x}`, `{{ task1.x }}`, `{$task1.x}`, `$(task1.x)`: references in other notations. */
const BRACES = new RegExp(String.raw`(\$[({[]|\{\{?)\s*\$?(${ID})\s*([.)}\]])`, 'gu');
const WORD_CHARACTER = /[\p{L}\p{N}_]$/u;

/** The remedy: submitted data are never parsed for references. */
const SUBMIT_IT = 'to pass such a string unchanged, submit it as data';

export const isTaskId = (id: string): boolean => TASK_ID.test(id);

export class MalformedReferences {
  private readonly ids: ReadonlySet<string>;
  /** Ids by their lower-case form: references are case-sensitive, but a different case is meant as one. */
  private readonly meant: ReadonlyMap<string, string>;

  /** @param ids ids of the plan's tasks, including task0 */
  constructor(ids: readonly string[]) {
    this.ids = new Set(ids);
    this.meant = new Map(ids.map((id) => [id.toLowerCase(), id]));
  }

  /** Returns the problem of a string in a task's input; undefined for a valid reference and for a plain string. */
  problemOfValue(text: string, ownId: string): string | undefined {
    if (!text.includes('$') && !text.includes('{')) return undefined;
    const reference = parseReference(text);
    if (reference && this.ids.has(reference.taskId)) {
      if (this.lookIn(text.slice(reference.taskId.length + 1)) !== undefined) return mixed(text);
      return reference.taskId === ownId ? 'refers to its own task, which cannot wait for itself' : undefined;
    }
    const look = this.lookIn(text);
    // A string with a second marker is two references, or one within other characters.
    if (reference && (look === undefined || !/[${]/.test(reference.taskId))) return this.unknown(reference.taskId);
    if (look === undefined) return undefined;
    const id = this.meant.get(look.id.toLowerCase());
    if (text === `$${look.id}` || text === `$${look.id}.`) {
      if (id === undefined) return this.unknown(look.id);
      return `"${text}" names a task, but no field of its output; write $${id}.field`;
    }
    if (!look.inBraces) return mixed(text);
    return `"${excerpt(text)}" is not a valid reference; write $${id ?? look.id}.field, as the whole value`;
  }

  /** Returns the problem of a member's name. */
  problemOfName(name: string): string | undefined {
    if (!name.includes('$') && !name.includes('{')) return undefined;
    if (!parseReference(name) && this.lookIn(name) === undefined) return undefined;
    return `"${excerpt(name)}" is the name of a member; only values can be references`;
  }

  private unknown(taskId: string): string {
    return `refers to ${excerpt(taskId)}, which is not a task of this plan; its tasks are: ${nearestNames([...this.ids], taskId)}; ${SUBMIT_IT}`;
  }

  private lookIn(text: string): { readonly id: string; readonly inBraces: boolean } | undefined {
    for (const { 1: id = '', 2: member, index } of text.matchAll(DOLLAR)) {
      // After a letter it is part of a word, unless it is the id of a task.
      const isFree = !WORD_CHARACTER.test(text.slice(Math.max(0, index - 1), index));
      if (this.isTask(id) || (member !== undefined && isFree)) return { id, inBraces: false };
    }
    for (const [, opening, id = '', next] of text.matchAll(BRACES)) {
      // `{name}` alone is a usual placeholder in messages for readers.
      if (this.isTask(id) && (opening !== '{' || next === '.')) return { id, inBraces: true };
    }
    return undefined;
  }

  private isTask(id: string): boolean {
    return this.meant.has(id.toLowerCase()) || USUAL_ID.test(id);
  }
}

const mixed = (text: string): string =>
  `"${excerpt(text)}" mixes a reference with other characters; a reference must be the whole value; ${SUBMIT_IT}`;
