/** Tables that fit: as wide as their content in a pipe, and no wider than the terminal in one. */
import { truncateTo, displayWidth, escapeControlCharacters, padTo } from './terminal-string';

export interface Cell {
  readonly text: string;
  /** Applied after cutting and padding, so that colours take no room. */
  readonly colour?: (text: string) => string;
}

export interface Column<Row> {
  readonly header: string;
  readonly read: (row: Row) => Cell | string;
  /** May be cut where the terminal is too narrow, the widest first; ids and statuses never are. */
  readonly flexible?: boolean;
}

export interface TableStyle {
  /** Columns at hand; undefined: as many as it takes. */
  readonly width: number | undefined;
  readonly dim: (text: string) => string;
}

const GAP = 2;
/** Below this a cut text says nothing. */
const NARROWEST = 10;

export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: TableStyle): string[] {
  const cells = rows.map((row) =>
    columns.map(({ read }) => {
      const cell = read(row);
      return typeof cell === 'string'
        ? { text: escapeControlCharacters(cell) }
        : { ...cell, text: escapeControlCharacters(cell.text) };
    }),
  );
  const widths = fitted(columns, cells, style.width);
  const line = (texts: readonly string[]): string => texts.join(' '.repeat(GAP)).trimEnd();
  const header = line(columns.map(({ header: text }, i) => padTo(text, widths[i] ?? 0)));
  return [
    style.dim(header),
    style.dim('─'.repeat(widths.reduce((sum, width) => sum + width + GAP, -GAP))),
    ...cells.map((row) =>
      line(
        row.map(({ text, colour }: Cell, i) => {
          const width = widths[i] ?? 0;
          const shown = truncateTo(text, width);
          const isLast = i === row.length - 1;
          return (colour ?? String)(shown) + (isLast ? '' : ' '.repeat(Math.max(0, width - displayWidth(shown))));
        }),
      ),
    ),
  ];
}

function fitted<Row>(
  columns: readonly Column<Row>[],
  cells: readonly Cell[][],
  available: number | undefined,
): number[] {
  const widths = columns.map(({ header }, i) =>
    Math.max(displayWidth(header), ...cells.map((row) => displayWidth(row[i]?.text ?? ''))),
  );
  if (available === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - available;
  while (excess > 0) {
    const widest = columns
      .map((column, i) => ({ column, i, width: widths[i] ?? 0 }))
      .filter(({ column, width }) => column.flexible && width > Math.max(NARROWEST, displayWidth(column.header)))
      .sort((a, b) => b.width - a.width)[0];
    // Nothing more to give: the terminal wraps.
    if (!widest) break;
    widths[widest.i] = widest.width - 1;
    excess -= 1;
  }
  return widths;
}
