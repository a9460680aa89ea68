/** Tables of text: words to the left, numbers to the right, two blanks between columns. */

/** @param rows the first one is the header; a column is one of numbers when its second row has a number there */
export function alignColumns(rows: readonly (readonly (string | number)[])[]): string[] {
  const [header = [], first = []] = rows;
  const widths = header.map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const text = String(cell);
        return typeof first[i] === 'number' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
      })
      .join('  ')
      .trimEnd(),
  );
}
