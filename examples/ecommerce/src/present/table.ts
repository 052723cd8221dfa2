/** A table. Each column is as wide as its widest cell. Cells are padded before they are coloured, because escapes have no width. */
export interface Cell {
  readonly text: string;
  readonly align?: 'left' | 'right';
  /** Applied to the padded text. */
  readonly paint?: (padded: string) => string;
}

export function formatTable(rows: readonly (readonly Cell[])[], indent = '    '): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  return rows
    .map((row) => (indent + row.map((cell, column) => format(cell, widths[column] ?? 0)).join('  ')).trimEnd())
    .join('\n');
}

function format({ text, align = 'left', paint = (padded) => padded }: Cell, width: number): string {
  return paint(align === 'right' ? text.padStart(width) : text.padEnd(width));
}
