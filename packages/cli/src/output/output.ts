/** Output of one command: human-readable text, or the same data as JSON or YAML. */
import type { ProcessIo } from '@orra-ts/common/process';
import { toYaml } from '../yaml';
import { escapeEncoded } from './terminal-string';
import { type Colours, coloursFor } from './colours';
import { type TimeFormat, timeFormat } from './time';

export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The style and width in which a view is shown. */
export interface Style {
  readonly colours: Colours;
  /** Width of the terminal; undefined in a pipe, where nothing is truncated. */
  readonly width: number | undefined;
  /** Whether to show additional columns. */
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

  /** Prints the value as JSON or YAML, or the view. */
  show(value: unknown, view: View): void {
    if (this.isHumanReadable) this.lines(view(this.style));
    else this.io.stdout.write(this.encode(value));
  }

  /** Prints lines, but not with JSON or YAML output. */
  info(...lines: readonly string[]): void {
    if (this.isHumanReadable) this.lines(lines);
  }

  /** Prints one value of a series: a JSON line, a YAML document, or the view. */
  showNext(value: unknown, view: View): void {
    if (this.format === 'json') this.io.stdout.write(`${escapeEncoded(JSON.stringify(value))}\n`);
    else if (this.format === 'yaml') this.io.stdout.write(`---\n${this.encode(value)}`);
    else this.lines(view(this.style));
  }

  /** Clears the terminal before a repeated view. */
  clear(): void {
    this.io.stdout.write('\u001b[H\u001b[2J\u001b[3J');
  }

  private lines(lines: readonly string[]): void {
    if (lines.length > 0) this.io.stdout.write(`${lines.join('\n')}\n`);
  }

  private encode(value: unknown): string {
    if (this.format === 'yaml') return toYaml(value);
    return `${escapeEncoded(JSON.stringify(value, undefined, 2))}\n`;
  }
}
