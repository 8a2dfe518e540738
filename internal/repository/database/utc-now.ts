import type { Dialect } from './database.ts'

/**
 * SQL for the database's clock, in milliseconds since 1970. It is counted in UTC, so that no time
 * zone has a say in it: local time is an hour off twice a year. The same all through a statement.
 */
export function utcNowMs(dialect: Dialect): string {
  return dialect === 'mysql'
    ? `(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)`
    : `CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`
}
