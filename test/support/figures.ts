/** A duration as a person reads it. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Counts, each after its name. */
export function countsOf(counts: ReadonlyMap<string, bigint | number>): string {
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}
