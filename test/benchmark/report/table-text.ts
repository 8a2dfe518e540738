/** A table of Markdown that can also be read as it is; the first column is text, figures are not. */
export function tableText(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [head, ...lines]
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((line) => line[column]?.length ?? 0)),
  )
  const row = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = row(widths.map((width) => '-'.repeat(width)))
  return [row(head), rule, ...lines.map(row)].join('\n')
}
