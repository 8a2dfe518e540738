import type { Bench } from './run/bench.ts'
import type { Bar } from './statistics.ts'

/** One question that the suite answers. */
export interface Experiment {
  /** As in `ONLY=`, and the name of its picture. */
  readonly name: string
  readonly title: string
  /** It is ended after so long, and has failed. */
  readonly limitS: number
  readonly run: (bench: Bench) => Promise<Finding>
}

/** What an experiment found. */
export interface Finding {
  readonly rows: readonly Row[]
  readonly tables: readonly Table[]
  /** What a reader has to know: how it was measured, what was left out and why. */
  readonly notes: readonly string[]
  readonly picture: Picture
}

/** Ours beside something else: what is said of it is the ratio of the two. */
export interface Row {
  /** What was measured, with its unit. */
  readonly what: string
  readonly beside: string
  /** A figure for each round, as of `Bench.rounds`. */
  readonly ours: readonly number[]
  readonly other: readonly number[]
  /** What the ratio has to be, if anything. */
  readonly bar?: Bar
  /** Whether what was measured is no time, so that the resolution of times says nothing of it. */
  readonly isExact?: boolean
}

/** Figures without a ratio. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly lines: readonly (readonly string[])[]
}

/** Horizontal bars, from the top. */
export interface Picture {
  /** What is drawn, with its unit. */
  readonly title: string
  readonly scale: 'linear' | 'log'
  readonly bars: readonly PictureBar[]
}

export interface PictureBar {
  readonly name: string
  readonly isOurs: boolean
  /** All that was measured: their median is drawn, and their spread. One alone is drawn as it is. */
  readonly figures: readonly number[]
}
