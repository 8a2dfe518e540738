import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Clock } from '../clock/clock.ts'
import { DirectClient } from './direct.ts'
import { MergedCalls } from './merged-calls.ts'
import type { Service } from './service.ts'

/** Calls of `nextId` that come at once are one call of the service. */
export class MergeClient extends DirectClient {
  readonly #service: Service
  readonly #clock: Clock
  /** Of each tag that has any. */
  readonly #calls = new Map<string, MergedCalls>()

  constructor(service: Service, clock: Clock) {
    super(service)
    this.#service = service
    this.#clock = clock
  }

  override nextId(tag: string): Promise<bigint> {
    const calls = this.#calls.get(tag)
    return calls === undefined ? this.#begin(tag) : calls.add()
  }

  async #begin(tag: string): Promise<bigint> {
    const calls = new MergedCalls({
      tag: parseTagName(tag),
      service: this.#service,
      clock: this.#clock,
      onIdle: () => this.#calls.delete(tag),
    })
    this.#calls.set(tag, calls)
    return await calls.add()
  }
}
