import type { Row } from '../experiment.ts'
import { ratiosOf, spreadOf, type Verdict, verdictOf } from '../statistics.ts'
import { figure } from './figure.ts'

/** A row with what is said of it. */
export interface JudgedRow {
  /** The words of its line, as in ROW_HEAD. */
  readonly cells: readonly string[]
  /** Undefined where there is no bar. */
  readonly verdict: Verdict | undefined
}

export const ROW_HEAD = ['what', 'beside', 'Goloves', 'other', 'ratio', 'spread', 'bar', 'verdict']

/** Judges a row. @param resolution As of `resolutionOf`. */
export function judged(row: Row, resolution: number): JudgedRow {
  const { what, beside, ours, other, bar, isExact = false } = row
  const ratios = ratiosOf(ours, other)
  const { median, low, high } = spreadOf(ratios)
  const verdict = bar && verdictOf(ratios, bar, isExact ? 0 : resolution)
  const cells = [
    ...[what, beside, figure(spreadOf(ours).median), figure(spreadOf(other).median)],
    ...[figure(median), `${figure(low)} – ${figure(high)}`, barText(row), verdict ?? ''],
  ]
  return { cells, verdict }
}

function barText({ bar }: Row): string {
  if (bar === undefined) return ''
  return 'atLeast' in bar ? `≥ ${bar.atLeast}` : `≤ ${bar.atMost}`
}
