import { type Column, renderTable } from './table';
import { truncateTo, displayWidth } from './terminal-string';

interface Row {
  readonly id: string;
  readonly action: string;
}
const columns: readonly Column<Row>[] = [
  { header: 'ID', read: ({ id }) => id },
  { header: 'ACTION', read: ({ action }) => action, flexible: true },
  { header: 'END', read: () => ({ text: 'x', colour: (text) => `\u001b[32m${text}\u001b[39m` }) },
];
const style = (width?: number) => ({ width, dim: String });
const long = 'stock-holder then card-charger for the order';

describe('a table in a pipe', () => {
  it('is as wide as its content', () => {
    expect(renderTable(columns, [{ id: 'o_1', action: long }], style())).toEqual([
      `ID   ACTION${' '.repeat(long.length - 6)}  END`,
      '─'.repeat(3 + 2 + long.length + 2 + 3),
      `o_1  ${long}  \u001b[32mx\u001b[39m`,
    ]);
  });
});

describe('a table in a terminal', () => {
  it('fits by truncating flexible columns, never ids', () => {
    const lines = renderTable(columns, [{ id: 'o_1234567890', action: long }], style(40));
    expect(lines.map(displayWidth).every((width) => width <= 40)).toBe(true);
    expect(lines[2]).toMatch(/^o_1234567890 {2}stock-holder then ca…/);
  });

  it('keeps a minimum width where it cannot fit', () => {
    const lines = renderTable(columns, [{ id: 'o_1', action: long }], style(5));
    expect(lines[2]).toMatch(/^o_1 {2}stock-hol… {2}/);
  });

  it('aligns columns with wide characters', () => {
    const lines = renderTable(
      columns,
      [
        { id: '注文', action: 'a' },
        { id: 'o_1', action: '👍' },
      ],
      style(),
    );
    expect(lines[2]).toBe('注文  a       \u001b[32mx\u001b[39m');
    expect(lines[3]).toBe('o_1   👍      \u001b[32mx\u001b[39m');
  });
});

describe('strings of services and users', () => {
  it('cannot send control characters to the terminal', () => {
    const [, , line = ''] = renderTable(columns, [{ id: 'a\u001b[2Jb', action: 'one\ntwo\u009b31m\u202e' }], style());
    expect(line.replaceAll('\u001b[32m', '').replaceAll('\u001b[39m', '')).toMatch(
      /^a\\u001b\[2Jb {2}one two\\u009b31m\\u202e {2}x$/,
    );
  });

  it('are truncated between characters, never within one', () => {
    expect(truncateTo('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 5)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦…');
    expect(truncateTo('short', 5)).toBe('short');
  });
});
