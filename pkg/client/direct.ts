import { firstOf } from '../../internal/domain/entity/id-range.ts'
import { MAX_ID, parseTagName } from '../../internal/domain/entity/tag.ts'
import { countOutOfRange, notAnId } from '../errors/failures.ts'
import type { Closed, DecodedId, IdClient, IdRange } from './id-client.ts'
import type { Service } from './service.ts'

/** What one call may ask for, unless the service is set to less. */
const COUNT_MAX = 1_000_000

/** A call of the service for each question. */
export class DirectClient implements IdClient {
  readonly #service: Service

  constructor(service: Service) {
    this.#service = service
  }

  async nextId(tag: string): Promise<bigint> {
    return firstOf(await this.nextIds(tag, 1))
  }

  async nextIds(tag: string, count: number): Promise<readonly IdRange[]> {
    const name = parseTagName(tag)
    ensureCount(count)
    return await this.#service.nextIds(name, count, this.#service.question())
  }

  async decode(tag: string, id: bigint): Promise<DecodedId> {
    const name = parseTagName(tag)
    if (id < 1n || id > MAX_ID) throw notAnId(String(id))
    return await this.#service.decodeId(name, id, this.#service.question())
  }

  async close(): Promise<Closed> {
    this.#service.close()
    return { dropped: 0 }
  }
}

/** What is no whole number would be read as another one on its way. @throws GolovesError COUNT_OUT_OF_RANGE. */
export function ensureCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) throw countOutOfRange(String(count), COUNT_MAX)
}
