import type { IdRange } from '../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../internal/domain/entity/tag.ts'
import type { Caller } from '../../internal/domain/generator/caller.ts'
import type { Process } from './process.ts'

export interface InstanceOptions {
  /** Used once. */
  readonly name: string
  /** The number of its place in the fleet. */
  readonly slot: number
  readonly process: Process
}

/** Ids, at once or as soon as there are some. */
export type Given = readonly IdRange[] | Promise<readonly IdRange[]>

/** One instance of the service, as far as ids are concerned. */
export abstract class Instance {
  readonly name: string
  readonly slot: number
  readonly process: Process

  constructor({ name, slot, process }: InstanceOptions) {
    this.name = name
    this.slot = slot
    this.process = process
  }

  /** When it asked the store, as far as callers do not account for that, on its monotonic clock. */
  abstract readonly strainsMs: readonly number[]

  /** @throws GolovesError (or rejects with one). */
  abstract ask(tag: TagName, count: number, caller: Caller): Given

  /** A clean stop, in the order in which the service does it. */
  abstract stop(): Promise<void>
}
