import type { Clock } from '../../../pkg/clock/clock.ts'
import { modeMismatch, notAnId } from '../../../pkg/errors/failures.ts'
import { MAX_ID, parseTagName } from '../../domain/entity/tag.ts'
import type { LedgerRecord, LedgerRepository } from '../../domain/generator/ledger-repository.ts'
import type { GetTag } from './get-tag.ts'

/** What the ledger knows of an id. */
export interface IdOwner {
  /**
   * The last lease of it; undefined if none is on record: nobody leased it, or that was too long ago,
   * or could not be written down. That is an answer and no failure: tag and id are what they should be.
   */
  readonly lease: LedgerRecord | undefined
  /** Leases before this moment, in milliseconds since 1970, may be forgotten. */
  readonly reachesBackToMs: number
}

export interface LedgerReach {
  /** For how many days leases are kept. */
  readonly days: number
  readonly clock: Clock
}

const DIGITS = /^\d{1,19}$/
const DAY_MS = 86_400_000

/** Finds out which instance leased an id of a segment tag, and when. */
export class FindOwner {
  readonly #ledger: LedgerRepository
  readonly #getTag: GetTag
  readonly #reach: LedgerReach

  constructor(ledger: LedgerRepository, getTag: GetTag, reach: LedgerReach) {
    this.#ledger = ledger
    this.#getTag = getTag
    this.#reach = reach
  }

  /**
   * The tag may be frozen, or deleted: people ask about old ids.
   *
   * @param id Text from a caller; what is not decimal digits is no id either.
   * @throws GolovesError TAG_INVALID, ID_INVALID; MODE_MISMATCH for a snowflake tag; TAG_NOT_FOUND if
   * there is neither such a tag nor a lease; STORE_UNAVAILABLE.
   */
  async execute(tag: string, id: string): Promise<IdOwner> {
    const name = parseTagName(tag)
    const lease = await this.#ledger.find(name, parseId(id))
    if (lease === undefined) await this.#expectSegmentTag(tag)
    const { days, clock } = this.#reach
    return { lease, reachesBackToMs: clock.nowMs() - days * DAY_MS }
  }

  async #expectSegmentTag(tag: string): Promise<void> {
    const { name, mode } = await this.#getTag.execute(tag)
    if (mode === 'segment') return
    throw modeMismatch(name, mode, ' Its ids say themselves who made them: DecodeId, idgen decode.')
  }
}

function parseId(text: string): bigint {
  const id = DIGITS.test(text) ? BigInt(text) : 0n
  if (id < 1n || id > MAX_ID) throw notAnId(text)
  return id
}
