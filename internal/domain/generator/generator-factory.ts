import type { Random } from '../../../pkg/async/backoff.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { layoutEnded } from '../../../pkg/errors/failures.ts'
import type { SnowflakeLayout } from '../entity/snowflake-layout.ts'
import type { BufferKind, Tag } from '../entity/tag.ts'
import type { GeneratorObserver } from './generator-observer.ts'
import type { HighWaterMarks } from './high-water-marks.ts'
import type { IdGenerator } from './id-generator.ts'
import type { Ledger } from './ledger.ts'
import type { LossGuard } from './loss-guard.ts'
import { onlyWhatIsAwaited, type PrefetchPolicy } from './prefetch.ts'
import type { RestRepository } from './rest-repository.ts'
import { type AllocatorPorts, SegmentAllocator } from './segment-allocator.ts'
import { SegmentGenerator, type SegmentGeneratorOptions } from './segment-generator.ts'
import type { SegmentRepository } from './segment-repository.ts'
import { ensureServable } from './servable.ts'
import { SnowflakeGenerator } from './snowflake-generator.ts'
import type { WaitingLimits } from './waiters.ts'
import type { WorkerLeases } from './worker-leases.ts'

export interface GeneratorFactoryOptions {
  readonly segments: SegmentRepository
  readonly rests: RestRepository
  readonly ledger: Pick<Ledger, 'note'>
  readonly workers: WorkerLeases
  readonly marks: HighWaterMarks
  readonly clock: Clock
  readonly random: Random
  readonly observer: GeneratorObserver
  /** The policy of each kind of buffer, and the kind of tags that do not name one. */
  readonly policies: Readonly<Record<BufferKind, PrefetchPolicy>>
  readonly defaultBuffer: BufferKind
  readonly waiting: WaitingLimits
  /** Every so often, in milliseconds, each live tag is read again. */
  readonly refreshMs: number
}

/** Makes the generator that a tag needs. */
export class GeneratorFactory {
  readonly #options: GeneratorFactoryOptions
  // Shared by all generators: an object for each would be most of what a tag takes in memory.
  readonly #ofSegments: SegmentGeneratorOptions
  readonly #ports: AllocatorPorts
  #prefetches = true

  constructor(options: GeneratorFactoryOptions, guard: LossGuard) {
    const { segments, rests, marks, clock, refreshMs } = options
    this.#options = options
    this.#ofSegments = {
      ...options,
      policyOf: (tag) => this.#policyOf(tag),
      verdictMs: refreshMs,
    }
    this.#ports = { segments, rests, guard, marks, clock }
  }

  /** @throws GolovesError `refusalOf` the tag; LAYOUT_ENDED; as `WorkerLeases.of`. */
  create(tag: Tag): IdGenerator {
    ensureServable(tag)
    return tag.layout === undefined ? this.#segment(tag) : this.#snowflake(tag, tag.layout)
  }

  /** From now on, generators lease only what callers wait for. Those that exist need to `know` again. */
  stopPrefetching(): void {
    this.#prefetches = false
  }

  #segment(tag: Tag): SegmentGenerator {
    return new SegmentGenerator(new SegmentAllocator(tag, this.#ports), this.#ofSegments)
  }

  #snowflake(tag: Tag, layout: SnowflakeLayout): SnowflakeGenerator {
    const { workers, clock } = this.#options
    if (clock.nowMs() > layout.lastMs) throw layoutEnded(layout.name, layout.lastMs)
    return new SnowflakeGenerator({ ...this.#options, tag, lease: workers.of(layout) })
  }

  #policyOf({ buffer }: Tag): PrefetchPolicy {
    if (!this.#prefetches) return onlyWhatIsAwaited
    return this.#options.policies[buffer ?? this.#options.defaultBuffer]
  }
}
