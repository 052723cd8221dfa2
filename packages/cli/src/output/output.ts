/** One command's output: the same facts as tables for people, or as JSON or YAML for programs. */
import type { ProcessIo } from '@orra-ts/common/process';
import { toYaml } from '../yaml';
import { type Colours, coloursFor } from './colours';
import { type TimeFormat, timeFormat } from './time';

export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a view needs to know of where it is shown. */
export interface Style {
  readonly colours: Colours;
  /** Of the terminal; undefined in a pipe: nothing is cut. */
  readonly width: number | undefined;
  /** More columns. */
  readonly wide: boolean;
  readonly times: TimeFormat;
  readonly nowMs: number;
}

export type View = (style: Style) => readonly string[];

export class Output {
  readonly colours: Colours;
  private readonly times: TimeFormat;

  constructor(
    private readonly io: ProcessIo,
    readonly format: OutputFormat,
  ) {
    this.colours = coloursFor(io.stdout, io.env);
    this.times = timeFormat(io.timeZone);
  }

  get isHumanReadable(): boolean {
    return this.format === 'table' || this.format === 'wide';
  }

  get isTerminal(): boolean {
    return this.io.stdout.isTTY === true;
  }

  get style(): Style {
    return {
      colours: this.colours,
      width: this.isTerminal ? this.io.stdout.columns : undefined,
      wide: this.format === 'wide',
      times: this.times,
      nowMs: this.io.clock.now(),
    };
  }

  /** The value for programs, the view for people. */
  show(value: unknown, view: View): void {
    if (this.isHumanReadable) this.lines(view(this.style));
    else this.io.stdout.write(this.encode(value));
  }

  /** For people alone. */
  say(...lines: readonly string[]): void {
    if (this.isHumanReadable) this.lines(lines);
  }

  /** One of a series that goes on: a line of JSON, or a document of YAML. */
  next(value: unknown, view: View): void {
    if (this.format === 'json') this.io.stdout.write(`${JSON.stringify(value)}\n`);
    else if (this.format === 'yaml') this.io.stdout.write(`---\n${this.encode(value)}`);
    else this.lines(view(this.style));
  }

  /** Begins the terminal anew, for what is shown again and again. */
  clear(): void {
    this.io.stdout.write('\u001b[H\u001b[2J\u001b[3J');
  }

  private lines(lines: readonly string[]): void {
    if (lines.length > 0) this.io.stdout.write(`${lines.join('\n')}\n`);
  }

  private encode(value: unknown): string {
    if (this.format === 'yaml') return toYaml(value);
    return `${JSON.stringify(value, undefined, 2)}\n`;
  }
}
