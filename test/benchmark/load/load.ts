import type { RecordableHistogram } from 'node:perf_hooks'

/** As many as can be had: each connection asks again as soon as it is answered. */
export interface ClosedLoop {
  readonly connections: number
  /** How many questions each connection has under way. */
  readonly inFlight: number
  readonly seconds: number
}

/** What a closed loop was answered. Answers other than success are an error. */
export interface Throughput {
  readonly answers: number
  readonly perSecond: number
}

/** So many a second, whether the ones before are answered or not. */
export interface OpenLoop {
  readonly connections: number
  readonly perSecond: number
  readonly seconds: number
}

/** How long an open loop waited for its answers. */
export interface Latency {
  /** In microseconds. */
  readonly latencies: RecordableHistogram
  /** Whether the rate was sent as asked; if not, the latencies say nothing of it. */
  readonly isCarried: boolean
}
