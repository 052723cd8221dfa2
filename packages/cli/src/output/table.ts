/** Tables. They fit the width of a terminal, and are as wide as their content in a pipe. */
import { truncateTo, displayWidth, escapeControlCharacters, padTo } from './terminal-string';

export interface Cell {
  readonly text: string;
  /** Applied after truncating and padding, so that colour codes do not count as width. */
  readonly colour?: (text: string) => string;
}

export interface Column<Row> {
  readonly header: string;
  readonly read: (row: Row) => Cell | string;
  /** Whether the column may be truncated, the widest first. Ids and statuses are never truncated. */
  readonly flexible?: boolean;
}

export interface TableStyle {
  /** Available width; undefined for no limit. */
  readonly width: number | undefined;
  readonly dim: (text: string) => string;
}

const GAP = 2;
/** Truncated values below this width are not useful. */
const MIN_COLUMN_WIDTH = 10;

export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: TableStyle): string[] {
  const cells = rows.map((row) =>
    columns.map(({ read }) => {
      const cell = read(row);
      return typeof cell === 'string'
        ? { text: escapeControlCharacters(cell) }
        : { ...cell, text: escapeControlCharacters(cell.text) };
    }),
  );
  const widths = fitWidths(columns, cells, style.width);
  const line = (cellTexts: readonly string[]): string => cellTexts.join(' '.repeat(GAP)).trimEnd();
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

function fitWidths<Row>(
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
      .filter(({ column, width }) => column.flexible && width > Math.max(MIN_COLUMN_WIDTH, displayWidth(column.header)))
      .sort((a, b) => b.width - a.width)[0];
    // No column can be narrower: the terminal wraps the lines.
    if (!widest) break;
    widths[widest.i] = widest.width - 1;
    excess -= 1;
  }
  return widths;
}
