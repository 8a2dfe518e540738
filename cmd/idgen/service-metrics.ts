import { AggregatorRegistry } from 'prom-client'
import { z } from 'zod'
import type { InstanceMetrics } from '../../internal/telemetry/metrics/instance-metrics.ts'
import type { Peers, Topic } from './cluster/peers.ts'

const sample = z.object({
  labels: z.record(z.string(), z.union([z.string(), z.number()])),
  // Also what is infinite.
  value: z.custom<number>((value) => typeof value === 'number'),
  metricName: z.string().exactOptional(),
})

const metric = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  aggregator: z.literal('first'),
  values: z.array(sample),
})

const METRICS: Topic<null, object[]> = {
  name: 'metrics',
  about: z.null(),
  answer: z.array(metric),
}

/** What a process tells of itself, as prom-client exports metrics. */
export type MetricsSource = Pick<InstanceMetrics, 'exported'>

/** What the service answers at `/metrics`: all its processes together, each series with the number of its process. */
export class ServiceMetrics {
  readonly #own: MetricsSource
  readonly #peers: Peers
  readonly #processes: number
  #gathering: Promise<string> | undefined

  /** @param processes How many processes the service should have. */
  constructor(own: MetricsSource, peers: Peers, processes: number) {
    this.#own = own
    this.#peers = peers
    this.#processes = processes
    peers.answer(METRICS, () => own.exported())
  }

  /** In Prometheus' text format. Whoever asks while it is being gathered gets the same. */
  text(): Promise<string> {
    this.#gathering ??= this.#gather().finally(() => {
      this.#gathering = undefined
    })
    return this.#gathering
  }

  async #gather(): Promise<string> {
    const [own, { answers }] = await Promise.all([
      this.#own.exported(),
      this.#peers.ask(METRICS, null),
    ])
    const processes = {
      name: 'goloves_processes',
      help: 'Worker processes that the service should have, and that have answered this question.',
      type: 'gauge',
      aggregator: 'first',
      values: [
        { labels: { state: 'expected' }, value: this.#processes },
        { labels: { state: 'answered' }, value: 1 + answers.length },
      ],
    }
    return await AggregatorRegistry.aggregate([own, ...answers, [processes]]).metrics()
  }
}
