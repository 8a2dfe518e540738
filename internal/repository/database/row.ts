/** One row of an answer, its columns not looked at yet. */
export type Row = Readonly<Record<string, unknown>>

// The drivers give 64-bit integers as bigint (SQLite) or decimal text (MySQL), and other integers
// as numbers; whoever reads a column says here what it must be.

/** @throws TypeError when the column holds anything but a whole number. */
export function bigintOf(row: Row, column: string): bigint {
  const value = row[column]
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value)
  throw new TypeError(`column ${column} holds no whole number but a ${typeof value}`)
}

/** @throws TypeError when the column holds anything but a whole number a double can hold exactly. */
export function numberOf(row: Row, column: string): number {
  const value = Number(bigintOf(row, column))
  if (Number.isSafeInteger(value)) return value
  throw new TypeError(`column ${column} holds a number beyond 2^53`)
}

/** NULL reads as empty. @throws TypeError when the column holds anything but text. */
export function textOf(row: Row, column: string): string {
  const value = row[column] ?? ''
  if (typeof value === 'string') return value
  throw new TypeError(`column ${column} holds no text but a ${typeof value}`)
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null
}
