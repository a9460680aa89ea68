/** Rows of cells as lines with aligned columns. */

/** @param rows each with the same number of cells; the last cell of a row is not padded */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(i === row.length - 1 ? 0 : widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
