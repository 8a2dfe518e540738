/** Counts things by their kind. */
export class Tally {
  readonly byKind = new Map<string, number>()

  add(kind: string, count = 1): void {
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + count)
  }

  addAll(other: Tally): void {
    for (const [kind, count] of other.byKind) this.add(kind, count)
  }

  get sum(): number {
    return [...this.byKind.values()].reduce((sum, count) => sum + count, 0)
  }
}
