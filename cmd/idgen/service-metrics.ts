import { AggregatorRegistry } from 'prom-client'
import { z } from 'zod'
import type {
  ExportedMetric,
  InstanceMetrics,
} from '../../internal/telemetry/metrics/instance-metrics.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
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

const METRICS: Topic<null, ExportedMetric[]> = {
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
  readonly #clock: Clock
  #gathering: Promise<string> | undefined

  /** @param processes How many processes the service should have. */
  constructor(own: MetricsSource, peers: Peers, processes: number, clock: Clock) {
    this.#own = own
    this.#peers = peers
    this.#processes = processes
    this.#clock = clock
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
    return await this.#written([own, ...answers, [processes]].flat())
  }

  /** Name by name, so that no caller is held up for long. */
  async #written(metrics: readonly ExportedMetric[]): Promise<string> {
    const texts: string[] = []
    for (const group of Map.groupBy(metrics, ({ name }) => name).values()) {
      texts.push(await AggregatorRegistry.aggregate(group.map((one) => [one])).metrics())
      await this.#clock.nextTurn()
    }
    return texts.join('\n')
  }
}
