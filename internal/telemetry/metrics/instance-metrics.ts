import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Clock } from '../../../pkg/clock/clock.ts'
import type { GeneratorRegistry } from '../../domain/generator/generator-registry.ts'
import type { WorkerLeases } from '../../domain/generator/worker-leases.ts'
import { callMetrics, type Meters } from './call-metrics.ts'
import { type Family, gauge } from './family.ts'
import type { GeneratorMetrics } from './generator-metrics.ts'
import { memoryMetrics } from './memory-metrics.ts'
import { workerMetrics } from './worker-metrics.ts'

export interface InstanceMetricsOptions extends Meters {
  /** The number of this process among those of the service; each series bears it. */
  readonly process: number
  readonly version: string
  readonly generators: GeneratorRegistry
  readonly generatorMetrics: GeneratorMetrics
  readonly workers: WorkerLeases
  /** How long a worker id is leased for. */
  readonly workerLeaseMs: number
  readonly clock: Clock
}

/** A metric as prom-client exports it. */
export interface ExportedMetric {
  readonly name: string
}

/** All that this process can tell of itself in numbers. Nothing is reckoned up before it is asked. */
export class InstanceMetrics {
  readonly #options: InstanceMetricsOptions
  readonly #node = new Registry()

  constructor(options: InstanceMetricsOptions) {
    this.#options = options
    collectDefaultMetrics({ register: this.#node })
  }

  /** Those of Node and ours, as prom-client exports metrics; they can be cloned. */
  async exported(): Promise<ExportedMetric[]> {
    const all = [...(await this.#node.getMetricsAsJSON()), ...(await this.#families())]
    const process = String(this.#options.process)
    return all.map((metric) => ({
      ...metric,
      // No two processes have a series in common, so there is nothing to add up.
      aggregator: 'first',
      values: metric.values.map((sample) => ({ ...sample, labels: { ...sample.labels, process } })),
    }))
  }

  async #families(): Promise<Family[]> {
    const { generators, generatorMetrics, workers, workerLeaseMs, clock } = this.#options
    return [
      ...callMetrics(this.#options),
      ...(await generatorMetrics.tags.families(generators, clock)),
      ...generatorMetrics.families(),
      ...workerMetrics(workers.all, workerLeaseMs, clock),
      ...this.#storeMetrics(),
      ...memoryMetrics(),
      this.#buildInfo(),
    ]
  }

  #storeMetrics(): Family[] {
    const { generators } = this.#options
    return [
      gauge(
        'goloves_store_up',
        '1 if the store answered when it was last looked at, every few seconds.',
        Number(generators.storeAnswers),
      ),
      gauge('goloves_tags_frozen', 'Tags that were asked for of late, and are frozen.', [
        { labels: { reason: 'operator' }, value: generators.refusedWith('TAG_FROZEN') },
        {
          labels: { reason: 'went-backwards' },
          value: generators.refusedWith('STORE_WENT_BACKWARDS'),
        },
      ]),
    ]
  }

  #buildInfo(): Family {
    const labels = { version: this.#options.version, node: process.version }
    return gauge('goloves_build_info', 'What runs.', [{ labels, value: 1 }])
  }
}
