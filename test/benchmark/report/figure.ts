const DIGITS = 3
const FIGURE = new Intl.NumberFormat('en', { maximumSignificantDigits: DIGITS })
const SHORT = new Intl.NumberFormat('en', { notation: 'compact' })
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** A figure as a person reads it. */
export function figure(value: number): string {
  return FIGURE.format(value)
}

/** A figure where there is little room: `20K`, `1M`. */
export function shortFigure(value: number): string {
  return SHORT.format(value)
}

/** A share as a person reads it. */
export function percent(share: number): string {
  return PERCENT.format(share)
}
