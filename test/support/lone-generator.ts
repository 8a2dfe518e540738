import type { Tag } from '../../internal/domain/entity/tag.ts'
import { HighWaterMarks } from '../../internal/domain/generator/high-water-marks.ts'
import { LossGuard } from '../../internal/domain/generator/loss-guard.ts'
import type { PrefetchPolicy } from '../../internal/domain/generator/prefetch.ts'
import { SegmentAllocator } from '../../internal/domain/generator/segment-allocator.ts'
import { SegmentGenerator } from '../../internal/domain/generator/segment-generator.ts'
import type { SegmentRepository } from '../../internal/domain/generator/segment-repository.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { noRests } from './no-rests.ts'
import { SilentObserver } from './silent-observer.ts'
import { UNREAD_LEDGER } from './unread-ledger.ts'
import { UnusedTagRepository } from './unused-tag-repository.ts'

interface Parts {
  readonly tag: Tag
  readonly segments: SegmentRepository
  readonly policy: PrefetchPolicy
  readonly clock: Clock
}

/** The generator of a tag that nobody changes, on a store that can do nothing but lease. */
export function loneGenerator({ tag, segments, policy, clock }: Parts): SegmentGenerator {
  const marks = new HighWaterMarks()
  const guard = new LossGuard(new UnusedTagRepository(), marks, clock)
  const ports = { segments, rests: noRests(), guard, marks, clock }
  return new SegmentGenerator(new SegmentAllocator(tag, ports), {
    ledger: UNREAD_LEDGER,
    policyOf: () => policy,
    clock,
    random: () => 0.5,
    observer: new SilentObserver(),
    waiting: { callersMax: 100_000, idsMax: 10_000_000 },
    verdictMs: 5_000,
  })
}
