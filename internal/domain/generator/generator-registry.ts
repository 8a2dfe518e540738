import type { Tag, TagName } from '../entity/tag.ts'
import type { Caller } from './caller.ts'
import type { GeneratorState } from './generator-state.ts'
import type { IdGenerator } from './id-generator.ts'

// Sketch of the signatures while the class is being written.
export declare class GeneratorRegistry {
  readonly refreshMs: number
  live(tag: string): IdGenerator | undefined
  open(tag: string, caller: Caller): Promise<IdGenerator>
  apply(tag: Tag): void
  forget(name: TagName): void
  state(name: TagName, caller: Caller): Promise<GeneratorState>
}
