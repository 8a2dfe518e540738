import { MAX_ID, parseTagName, type TagName } from '../../../internal/domain/entity/tag.ts'
import { doubleBuffer } from '../../../internal/domain/generator/double-buffer.ts'
import type { GeneratorFactoryOptions } from '../../../internal/domain/generator/generator-factory.ts'
import type { GeneratorRegistryOptions } from '../../../internal/domain/generator/generator-registry.ts'
import { segmentChain } from '../../../internal/domain/generator/segment-chain.ts'
import type { NewTag } from '../../../internal/domain/generator/tag-repository.ts'
import { newTag } from '../../support/new-tag.ts'
import type { Dice } from '../dice.ts'

/**
 * Whether the store is restored to what it was some time ago, and then:
 * - `raised`: all tags are raised in the same step, as the runbook demands;
 * - `noticed`: one instance is all there is, and it notices by itself.
 */
export type Restores = 'never' | 'raised' | 'noticed'

type Settings = Pick<GeneratorFactoryOptions, 'policies' | 'defaultBuffer' | 'waiting'> &
  Pick<GeneratorRegistryOptions, 'refreshMs' | 'missMs' | 'tagsMax'>

/** What a seed makes of a world with segment tags, before anything happens in it. */
export interface SegmentPlan {
  readonly instances: number
  readonly restores: Restores
  readonly tags: readonly NewTag[]
  /** How many ids are asked for at once at most. */
  readonly countMax: number
  /** How often callers come to an instance, on average. */
  readonly gapMs: number
  /** The same for all instances. */
  readonly settings: Settings
}

/** Roughly, from all instances together; each time that callers come they ask for 10 ids and more. */
const IDS_PER_SECOND = 700

export const STEPS = [1, 7, 50, 300, 2_000] as const

const NAMES: readonly TagName[] = ['a', 'b', 'c', 'd', 'e'].map(parseTagName)

export function drawSegmentPlan(dice: Dice): SegmentPlan {
  const restores = dice.pick(['never', 'raised', 'noticed'] as const)
  const instances = restores === 'noticed' ? 1 : dice.whole(2, 4)
  const countMax = dice.pick([30, 100, 500])
  return {
    instances,
    restores,
    tags: NAMES.slice(0, dice.whole(2, NAMES.length)).map((name, n) =>
      newTag(name, {
        step: dice.pick(STEPS),
        maxId: BigInt(dice.whole(0, 5)),
        maxValue: n > 0 && dice.chance(0.2) ? BigInt(dice.whole(500, 10_000)) : MAX_ID,
        buffer: dice.chance(0.3) ? undefined : dice.pick(['chain', 'double']),
      }),
    ),
    countMax,
    gapMs: (1_000 * instances * (10 + countMax / 5)) / IDS_PER_SECOND,
    settings: drawSettings(dice),
  }
}

function drawSettings(dice: Dice): Settings {
  const sizing = dice.pick(['adaptive', 'fixed'] as const)
  return {
    policies: {
      chain: segmentChain({
        sizing,
        safeDistance: dice.whole(1, 3),
        reserveS: dice.pick([0, 1, 10, 600]),
      }),
      double: doubleBuffer({ sizing, prefetchAt: dice.between(0.05, 0.6) }),
    },
    defaultBuffer: dice.pick(['chain', 'double']),
    waiting: { callersMax: dice.pick([5, 100]), idsMax: 20_000 },
    refreshMs: dice.whole(500, 5_000),
    missMs: dice.whole(0, 3_000),
    tagsMax: dice.pick([2, 3, 100]),
  }
}
