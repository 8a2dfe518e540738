import type { TagName } from '../../domain/entity/tag.ts'
import type { GeneratorState } from '../../domain/generator/generator-state.ts'

/** What one instance holds of one tag. */
export interface InstanceState extends GeneratorState {
  /** Its random name. */
  readonly instance: string
}

/** The instances that serve together with this one, on the same ports. */
export abstract class OtherInstances {
  /** @returns What each of them holds of a tag, and how many did not say in time. Never rejects. */
  abstract holding(tag: TagName): Promise<{
    readonly states: readonly InstanceState[]
    readonly silent: number
  }>
}
