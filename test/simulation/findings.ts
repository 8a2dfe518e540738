/** What can be found to be wrong. */
export const BREACHES = [
  'given twice',
  'out of order',
  'wrong count',
  'no id of the layout',
  'ahead of the clock',
  'tick not granted',
  'tick granted twice',
  'lease over',
  'wrong code',
  'refused without need',
  'late',
  'never answered',
  'no ids',
  'too many questions',
  'no end',
  'not leased',
  'held twice',
  'two leases at once',
  'too many ids risked',
  'ids burnt',
  'out of turn',
  'outlived',
  'loss unnoticed',
] as const

export type Breach = (typeof BREACHES)[number]

/** What was found to be wrong under a seed: the first of each kind. */
export class Findings {
  readonly #byBreach = new Map<Breach, string>()

  add(breach: Breach, what: string): void {
    if (!this.#byBreach.has(breach)) this.#byBreach.set(breach, what)
  }

  /** A line for each. */
  get lines(): string[] {
    return [...this.#byBreach].map(([breach, what]) => `${breach}: ${what}`)
  }
}
