import type { Dice } from './dice.ts'

/** What becomes of one question to the store. */
export interface Fate {
  /** How long the question is on its way, and the answer, in milliseconds. */
  readonly thereMs: number
  readonly backMs: number
  readonly lost: 'nothing' | 'question' | 'answer'
  /** Whether who asked hears of the loss, from a connection that breaks. */
  readonly breaks: boolean
  /** If given, it is executed a second time so much later. */
  readonly againMs?: number
  /** Whether the answer that is heard is the one of the second time. */
  readonly hearsLast: boolean
}

type Spoiler = readonly [kind: string, spoil: (dice: Dice) => Partial<Fate>]

const SPOILERS: readonly [Spoiler, ...Spoiler[]] = [
  ['slow question', (dice) => ({ thereMs: dice.between(10, 4_000) })],
  ['slow answer', (dice) => ({ backMs: dice.between(10, 4_000) })],
  ['lost question', () => ({ lost: 'question' })],
  ['lost answer', () => ({ lost: 'answer' })],
  ['executed twice', (dice) => ({ againMs: dice.gap(1_500), hearsLast: dice.chance(0.3) })],
  ['executed again much later', (dice) => ({ againMs: dice.between(1_500, 20_000) })],
]

/** Nothing happens to a question but that it takes its time. */
export function calmFate(dice: Dice): Fate {
  return {
    thereMs: dice.between(0.2, 3),
    backMs: dice.between(0.2, 3),
    lost: 'nothing',
    breaks: dice.chance(0.5),
    hearsLast: false,
  }
}

/** One thing goes wrong with a question, and its kind is told. */
export function roughFate(dice: Dice): { fate: Fate; kind: string } {
  const [kind, spoil] = dice.pick(SPOILERS)
  return { kind, fate: { ...calmFate(dice), ...spoil(dice) } }
}
