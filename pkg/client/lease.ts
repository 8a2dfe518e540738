import { parseTagName } from '../../internal/domain/entity/tag.ts'
import type { Random } from '../async/backoff.ts'
import type { Clock } from '../clock/clock.ts'
import { clientClosed } from '../errors/failures.ts'
import { DirectClient, ensureCount } from './direct.ts'
import { HeldIds } from './held-ids.ts'
import type { Closed, IdRange, LeaseIdClient } from './id-client.ts'
import type { Service } from './service.ts'

/** Of so many tags ids are held at once; beyond that, those that were begun first are let go. */
const TAGS_MAX = 10_000

export interface LeaseParts {
  /** How many ids of a tag are held at most. */
  readonly heldMax: number
  readonly clock: Clock
  readonly random: Random
}

/** Ids are held ahead of their use, so that most questions need no call. */
export class LeaseClient extends DirectClient implements LeaseIdClient {
  readonly #service: Service
  readonly #parts: LeaseParts
  readonly #tags = new Map<string, HeldIds>()
  /** The ids that were asked for last: most clients have one tag that matters. */
  #last: HeldIds | undefined
  #dropped = 0
  #isClosed = false

  constructor(service: Service, parts: LeaseParts) {
    super(service)
    this.#service = service
    this.#parts = parts
  }

  override async nextId(tag: string): Promise<bigint> {
    return this.#of(tag).next()
  }

  nextIdNow(tag: string): bigint | undefined {
    return this.#of(tag).nextNow()
  }

  /** From memory if all of them are there; a call of their own else. */
  override async nextIds(tag: string, count: number): Promise<readonly IdRange[]> {
    ensureCount(count)
    const held = this.#of(tag).take(count)
    return held?.map(({ step = 1n, ...ends }) => ({ ...ends, step })) ?? super.nextIds(tag, count)
  }

  override async close(): Promise<Closed> {
    this.#isClosed = true
    for (const held of this.#tags.values()) this.#letGo(held)
    await super.close()
    return { dropped: this.#dropped }
  }

  #of(tag: string): HeldIds {
    const last = this.#last
    if (last !== undefined && last.tag === tag) return last
    const held = this.#tags.get(tag) ?? this.#begin(tag)
    this.#last = held
    return held
  }

  #begin(tag: string): HeldIds {
    const held = new HeldIds({ tag: parseTagName(tag), service: this.#service, ...this.#parts })
    if (this.#isClosed) throw clientClosed()
    for (const [name, other] of this.#tags) {
      if (this.#tags.size < TAGS_MAX) break
      if (other.isIdle) {
        this.#tags.delete(name)
        this.#letGo(other)
      }
    }
    this.#tags.set(tag, held)
    return held
  }

  #letGo(held: HeldIds): void {
    this.#dropped += held.close(clientClosed())
  }
}
