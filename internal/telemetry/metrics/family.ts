import { ERROR_CODES } from '../../../pkg/errors/error-code.ts'
import { LATENCY_BOUNDS_MS, type LatencyMeter } from '../../../pkg/metering/call-meter.ts'
import type { CodeCounts } from '../../../pkg/metering/code-counts.ts'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** Where it is not the family's: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly metricName?: string
}

/** All series of one name, as prom-client exports its own metrics. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: readonly Sample[]
}

const NO_LABELS: Labels = {}

/** @param values The samples, or the one there is. */
export function counter(name: string, help: string, values: readonly Sample[] | number): Family {
  return { name, help, type: 'counter', values: samples(values) }
}

/** @param values The samples, or the one there is. */
export function gauge(name: string, help: string, values: readonly Sample[] | number): Family {
  return { name, help, type: 'gauge', values: samples(values) }
}

function samples(values: readonly Sample[] | number): readonly Sample[] {
  return typeof values === 'number' ? [{ labels: NO_LABELS, value: values }] : values
}

/** A counter of failures with one series for each code there is, from the start. */
export function codeCounter(
  name: string,
  help: string,
  counts: readonly { readonly labels: Labels; readonly counts: CodeCounts }[],
): Family {
  const values = counts.flatMap(({ labels, counts: each }) =>
    ERROR_CODES.map((code) => ({ labels: { ...labels, code }, value: each.of(code) })),
  )
  return counter(name, help, values)
}

const LE = [...LATENCY_BOUNDS_MS.map((ms) => String(ms / 1000)), '+Inf']

/** How long things took, in seconds. */
export function histogram(
  name: string,
  help: string,
  meters: readonly { readonly labels: Labels; readonly latency: LatencyMeter }[],
): Family {
  const values = meters.flatMap(({ labels, latency }) => {
    let count = 0
    const buckets = [...latency.buckets].map((more, index) => {
      count += more
      return bucket(name, { ...labels, le: LE[index] ?? '' }, count)
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: latency.sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: count },
    ]
  })
  return { name, help, type: 'histogram', values }
}

function bucket(name: string, labels: Labels, value: number): Sample {
  return { metricName: `${name}_bucket`, labels, value }
}
