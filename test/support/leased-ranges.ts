import { z } from 'zod'
import type { IdRange } from '../../internal/domain/entity/id-range.ts'

const LeasedLine = z.object({
  msg: z.literal('Leased'),
  tag: z.string(),
  first: z.string().transform(BigInt),
  last: z.string().transform(BigInt),
})

/** What a process said in its log that it leased, in that order. The log may end within a line. */
export function leasedRanges(log: string, tag: string): IdRange[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.flatMap((line) => {
    const leased = LeasedLine.safeParse(JSON.parse(line))
    return leased.success && leased.data.tag === tag ? [leased.data] : []
  })
}

/** @throws Error if an id is in none of the leased ranges. */
export function ensureWithin(given: readonly IdRange[], leased: readonly IdRange[]): void {
  const leases = sortedByFirst(leased)
  let at = 0
  for (const range of sortedByFirst(given)) {
    let missing = range.first
    while (missing <= range.last) {
      let lease = leases[at]
      while (lease !== undefined && lease.last < missing) lease = leases[++at]
      if (lease === undefined || lease.first > missing) throw new Error(`${missing} was not leased`)
      missing = lease.last + 1n
    }
  }
}

function sortedByFirst(ranges: readonly IdRange[]): IdRange[] {
  return ranges.toSorted((one, other) => (one.first < other.first ? -1 : 1))
}
