import type fc from 'fast-check'
import type { DecodedId, IdRange } from '../../pkg/client/id-client.ts'
import { type Patience, Transport, unlessAborted } from '../../pkg/client/transport.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'

/**
 * What becomes of an attempt: ids; a verdict on the tag; an instance that is unavailable; nothing heard
 * before the ids were taken, or after.
 */
export type Fate = 'ids' | 'verdict' | 'unavailable' | 'unheard' | 'reply lost'

/** A verdict, and for how many ids it was asked for. */
export interface Verdict {
  readonly message: string
  readonly tag: string
  readonly count: number
}

/** The one sequence of ids that some instances hand out of. */
export class Sequence {
  /** The ranges that were heard of, in the order in which they were taken. */
  readonly heard: IdRange[] = []
  readonly verdicts: Verdict[] = []
  /** Told of each attempt for how many ids it asks. */
  onAsk: (count: number) => void = () => {}
  readonly #fates: Fate[]
  #last = 0n
  #attempts = 0

  /** @param fates Of the attempts in their order; all is well after these. */
  constructor(fates: readonly Fate[]) {
    this.#fates = [...fates]
  }

  next(): { readonly fate: Fate; readonly attempt: number } {
    this.#attempts += 1
    return { fate: this.#fates.shift() ?? 'ids', attempt: this.#attempts }
  }

  take(count: number): IdRange {
    const first = this.#last + 1n
    this.#last += BigInt(count)
    return { first, last: this.#last, step: 1n }
  }
}

/** A way to an instance whose every step waits for the scheduler. */
export class ScheduledTransport extends Transport {
  /** The tags whose ids are asked for at present. */
  readonly #asked = new Set<string>()
  readonly #scheduler: fc.Scheduler
  readonly #sequence: Sequence

  constructor(scheduler: fc.Scheduler, sequence: Sequence) {
    super()
    this.#scheduler = scheduler
    this.#sequence = sequence
  }

  override async nextIds(tag: string, count: number, patience: Patience): Promise<IdRange[]> {
    if (this.#asked.has(tag)) throw new Error('A second NextIds is under way.')
    this.#asked.add(tag)
    this.#sequence.onAsk(count)
    try {
      return await unlessAborted(patience.signal, (resolve, reject) => {
        this.#answer(tag, count, patience.signal).then(resolve, reject)
        return () => {}
      })
    } finally {
      this.#asked.delete(tag)
    }
  }

  override decodeId(): Promise<DecodedId> {
    throw new Error('Nobody asks that here.')
  }

  override async probe(): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), 'probe')
  }

  override close(): void {}

  async #answer(tag: string, count: number, signal: AbortSignal): Promise<IdRange[]> {
    const { fate, attempt } = this.#sequence.next()
    await this.#scheduler.schedule(Promise.resolve(), `question ${attempt} (${fate})`)
    if (fate === 'unheard') throw new Error('Connection refused.')
    const range = fate === 'ids' || fate === 'reply lost' ? this.#sequence.take(count) : undefined
    await this.#scheduler.schedule(Promise.resolve(), `reply ${attempt} (${fate})`)
    if (fate === 'unavailable') throw new GolovesError('SHUTTING_DOWN', 'Ask another.')
    if (fate === 'verdict') {
      const message = `verdict ${attempt}`
      if (!signal.aborted) this.#sequence.verdicts.push({ message, tag, count })
      throw new GolovesError('TAG_FROZEN', message)
    }
    if (range === undefined || fate === 'reply lost') throw new Error('Connection reset.')
    if (!signal.aborted) this.#sequence.heard.push(range)
    return [range]
  }
}
