/** How often a rate is halved before it is given up. */
const HALVINGS = 6
/** How often the gap between a rate that is carried and one that is not is halved. */
const NARROWINGS = 2

/**
 * The highest rate found at which something holds: below `from`, which is known not to hold.
 *
 * @param hasTime Asked before each attempt: without time the best so far is the result.
 * @returns Undefined if it holds at none of those tried.
 */
export async function highestRate(
  from: number,
  holdsAt: (perSecond: number) => Promise<boolean>,
  hasTime: () => boolean,
): Promise<number | undefined> {
  let [good, bad] = [0, from]
  for (let halving = 0; good === 0 && halving < HALVINGS && hasTime(); halving++) {
    const rate = Math.round(bad / 2)
    if (await holdsAt(rate)) good = rate
    else bad = rate
  }
  if (good === 0) return undefined
  for (let narrowing = 0; narrowing < NARROWINGS && hasTime(); narrowing++) {
    const rate = Math.round((good + bad) / 2)
    if (await holdsAt(rate)) good = rate
    else bad = rate
  }
  return good
}
