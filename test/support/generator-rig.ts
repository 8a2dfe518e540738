import type { Tag, TagName } from '../../internal/domain/entity/tag.ts'
import { HighWaterMarks } from '../../internal/domain/generator/high-water-marks.ts'
import { LossGuard } from '../../internal/domain/generator/loss-guard.ts'
import { onlyWhatIsAwaited, type PrefetchPolicy } from '../../internal/domain/generator/prefetch.ts'
import { SegmentAllocator } from '../../internal/domain/generator/segment-allocator.ts'
import { SegmentGenerator } from '../../internal/domain/generator/segment-generator.ts'
import type { WaitingLimits } from '../../internal/domain/generator/waiters.ts'
import { aTag } from './a-tag.ts'
import { BreakableStore } from './breakable-store.ts'
import { CallingRig } from './calling-rig.ts'
import { ManualClock } from './manual-clock.ts'
import { SilentObserver } from './silent-observer.ts'
import { UNREAD_LEDGER } from './unread-ledger.ts'

interface RigOptions {
  readonly row?: Partial<Tag>
  /** Unless given, nothing is leased that nobody waits for. */
  readonly policy?: PrefetchPolicy
  readonly waiting?: WaitingLimits
}

/** Notes what was dropped. */
class DropObserver extends SilentObserver {
  readonly drops: bigint[] = []

  override dropped(_: TagName, ids: bigint): void {
    this.drops.push(ids)
  }
}

/** A generator on a store that can be broken. Its verdicts are remembered for 5 s. */
export class GeneratorRig extends CallingRig {
  override readonly clock = new ManualClock()
  readonly store = new BreakableStore()
  readonly observer = new DropObserver()
  readonly tag: Tag
  override readonly generator: SegmentGenerator
  /** What every draw comes to, 0 to 1: this share of the longest back-off is waited. */
  chance = 0.5
  /** What the tag is told next time it asks how to keep ids ready. */
  policy: PrefetchPolicy

  constructor({ row = {}, policy = onlyWhatIsAwaited, waiting }: RigOptions = {}) {
    super()
    this.policy = policy
    const { clock, store, observer } = this
    this.tag = store.put(aTag(row))
    const marks = new HighWaterMarks()
    const ports = {
      segments: store.segments,
      rests: store.rests,
      guard: new LossGuard(store.tags, marks, clock),
      marks,
      clock,
    }
    this.generator = new SegmentGenerator(new SegmentAllocator(this.tag, ports), {
      ledger: UNREAD_LEDGER,
      policyOf: () => this.policy,
      clock,
      random: () => this.chance,
      observer,
      waiting: waiting ?? { callersMax: 100, idsMax: 100_000 },
      verdictMs: 5_000,
    })
  }

  /** How many leases the store was asked for. */
  get leases(): number {
    return this.store.segments.line.calls
  }
}
