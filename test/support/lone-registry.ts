import {
  GeneratorRegistry,
  type GeneratorRegistryOptions,
} from '../../internal/domain/generator/generator-registry.ts'
import { HighWaterMarks } from '../../internal/domain/generator/high-water-marks.ts'
import type { PrefetchPolicy } from '../../internal/domain/generator/prefetch.ts'
import { memoryWorkers } from './memory-workers.ts'
import { SilentObserver } from './silent-observer.ts'
import { UNREAD_LEDGER } from './unread-ledger.ts'

interface LoneRegistryOptions
  extends Pick<GeneratorRegistryOptions, 'segments' | 'tags' | 'rests' | 'clock'> {
  /** Of both kinds of buffer. */
  readonly policy: PrefetchPolicy
  readonly random?: GeneratorRegistryOptions['random']
}

/** The registry of one instance: all that is not named is as it does not matter to a test. */
export function loneRegistry(options: LoneRegistryOptions): GeneratorRegistry {
  const { segments, tags, rests, clock, policy, random = () => 0.5 } = options
  return new GeneratorRegistry({
    ...{ segments, tags, rests, clock, random },
    ledger: UNREAD_LEDGER,
    workers: memoryWorkers(clock),
    marks: new HighWaterMarks(),
    observer: new SilentObserver(),
    policies: { chain: policy, double: policy },
    defaultBuffer: 'chain',
    waiting: { callersMax: 1_000, idsMax: 1_000_000 },
    refreshMs: 3_000,
    missMs: 3_000,
    tagsMax: 10_000,
  })
}
