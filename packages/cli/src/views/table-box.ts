/** A table in a box. */
import { BOX_SIDE, box } from '../output/box';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';

/** @param below lines below the table */
export function tableBox<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, colours }: Style,
  below: readonly string[] = [],
): string[] {
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box(title, [...renderTable(columns, rows, table), ...below]);
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
