import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import { NO_SEGMENT_OPTIONS } from '../../internal/domain/entity/segment-tag-options.ts'
import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { parseTagName, type Tag, type TagName } from '../../internal/domain/entity/tag.ts'
import { doubleBuffer } from '../../internal/domain/generator/double-buffer.ts'
import {
  GeneratorRegistry,
  type GeneratorRegistryOptions,
} from '../../internal/domain/generator/generator-registry.ts'
import { HighWaterMarks } from '../../internal/domain/generator/high-water-marks.ts'
import { onlyWhatIsAwaited } from '../../internal/domain/generator/prefetch.ts'
import { aTag } from './a-tag.ts'
import { BreakableStore } from './breakable-store.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { memoryWorkers, openPools } from './memory-workers.ts'
import { SilentObserver } from './silent-observer.ts'
import { Answer, TestCaller } from './test-caller.ts'
import { UNREAD_LEDGER } from './unread-ledger.ts'

/** Notes what is told of the store, and of ids that were dropped. */
class StoreObserver extends SilentObserver {
  readonly events: string[] = []

  override storeFailed(): void {
    this.events.push('failed')
  }

  override storeAnswered(): void {
    this.events.push('answered')
  }

  override dropped(tag: TagName, ids: bigint): void {
    this.events.push(`dropped ${ids} of ${tag}`)
  }
}

/**
 * A registry on a store that can be broken. Tags of the chain lease only what is waited for, those
 * of the double buffer as Leaf does.
 */
export class RegistryRig {
  readonly clock = new ManualClock()
  readonly store = new BreakableStore()
  readonly workers = openPools(this.clock)
  readonly leases = memoryWorkers(this.clock, this.workers)
  readonly observer = new StoreObserver()
  readonly registry: GeneratorRegistry

  constructor(options: Partial<GeneratorRegistryOptions> = {}) {
    const { clock, store, leases, observer } = this
    this.registry = new GeneratorRegistry({
      segments: store.segments,
      rests: store.rests,
      tags: store.tags,
      workers: leases,
      marks: new HighWaterMarks(),
      clock,
      random: () => 1,
      observer,
      ledger: UNREAD_LEDGER,
      policies: {
        chain: onlyWhatIsAwaited,
        double: doubleBuffer({ sizing: 'fixed', prefetchAt: 0.2 }),
      },
      defaultBuffer: 'chain',
      waiting: { callersMax: 1_000, idsMax: 1_000_000 },
      refreshMs: 5_000,
      missMs: 3_000,
      tagsMax: 10_000,
      ...options,
    })
  }

  /** Writes a row by hand. */
  add(name: string, row: Partial<Tag> = {}): TagName {
    return this.store.put(aTag({ ...row, name: parseTagName(name) })).name
  }

  /** Writes the row of a snowflake tag by hand. */
  addSnowflake(name: string, layout = 'twitter', row: Partial<Tag> = {}): TagName {
    const kind = { mode: 'snowflake', layout: SnowflakeLayout.parse(layout) } as const
    return this.add(name, { ...kind, ...NO_SEGMENT_OPTIONS, ...row })
  }

  /** Asks for an id as the use case does. */
  next(tag: string, caller = new TestCaller(this.clock)): Answer<bigint> {
    return new Answer<bigint>(() => {
      const live = this.registry.live(tag)
      if (live !== undefined) return live.next(caller)
      return this.registry.open(tag, caller).then((opened) => opened.next(caller))
    })
  }

  /** Takes many ids of a tag that is live. */
  take(tag: string, count: number, caller = new TestCaller(this.clock)) {
    return new Answer<readonly IdRange[]>(() => this.registry.live(tag)?.take(count, caller) ?? [])
  }

  /** What a question comes to that needs no time. */
  async nextNow(tag: string): Promise<bigint | string> {
    const answer = this.next(tag)
    await settled()
    return answer.is
  }
}
