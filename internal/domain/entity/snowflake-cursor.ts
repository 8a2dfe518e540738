import type { IdRange } from './id-range.ts'
import { SEQUENCE_OVERFLOW } from './id-segment.ts'
import type { SnowflakeLayout } from './snowflake-layout.ts'
import { MAX_ID } from './tag.ts'

/** A place in the order of the ids of one worker. */
export interface Position {
  readonly tick: number
  readonly sequence: number
}

/**
 * The rule of order: the position that follows `last` at the tick `now`. Undefined if there is none
 * yet, because the ticks up to `now` are used up or the clock is behind `last`.
 *
 * A tick is used from where the sequence of the one before it ended, so that ids taken one per tick
 * spread evenly over any modulus; from the middle on it starts again at 0, so that a burst finds at
 * least half a tick (from CosId).
 *
 * @param since Earlier ticks are passed over. It is below `now` for whoever has waited, so that ticks
 * that passed while the timer slept are not lost.
 * @param sequenceMax The last sequence number of a tick.
 */
export function following(
  last: Position,
  since: number,
  now: number,
  sequenceMax: number,
): Position | undefined {
  const next = last.tick < since ? inNewTick(last, since, sequenceMax) : after(last, sequenceMax)
  return next.tick > now ? undefined : next
}

function inNewTick({ sequence }: Position, tick: number, sequenceMax: number): Position {
  return { tick, sequence: sequence < sequenceMax / 2 - 1 ? sequence + 1 : 0 }
}

/** The position right after another: in the same tick or, where that is used up, in the next. */
export function after({ tick, sequence }: Position, sequenceMax: number): Position {
  return sequence < sequenceMax ? { tick, sequence: sequence + 1 } : { tick: tick + 1, sequence: 0 }
}

const LAST = 0
const END = 1
const STEP = 2

/**
 * Walks through the ids of one worker, tick after tick.
 *
 *     earlier ticks, used up         the tick    last           end
 *     ----------------------] enter ->   [  given  |  left        ]
 *
 * 1. Positions only rise: whoever enters a tick enters above the last position.
 * 2. Each id leaves once: the two methods that give ids read, check and write in one synchronous
 *    step, with no `await` in which another caller could read the same value.
 *
 * The ids live in a `BigInt64Array`: V8 adds and compares such cells as machine words, while a bigint
 * that is shifted together is several new heap objects for every id.
 */
export class SnowflakeCursor {
  readonly #layout: SnowflakeLayout
  readonly #cells: BigInt64Array
  #tick = 0
  /** The time in which ids of this tick may leave by `next`: from here until before there. */
  #fromMs = 0
  #untilMs = 0
  /** How many ids will have left when the tick is used up. */
  #given = 0n

  constructor(layout: SnowflakeLayout) {
    this.#layout = layout
    this.#cells = BigInt64Array.of(0n, 0n, layout.sequenceStep)
  }

  /** The place of the last id, or just below the first one of a tick that was entered. */
  get position(): Position {
    return { tick: this.#tick, sequence: this.#layout.sequenceMax - Number(this.#left()) }
  }

  /** How many ids have left so far. */
  get given(): bigint {
    return this.#given - this.#left()
  }

  /** The next id of the tick, or SEQUENCE_OVERFLOW if `nowMs` is another tick or none is left. */
  next(nowMs: number): bigint {
    if (nowMs < this.#fromMs || nowMs >= this.#untilMs) return SEQUENCE_OVERFLOW
    // The end is checked before the addition, so that the last tick of 63 bits can't wrap.
    if (this.#cell(LAST) >= this.#cell(END)) return SEQUENCE_OVERFLOW
    const id = BigInt.asIntN(64, this.#cell(LAST) + this.#cell(STEP))
    this.#cells[LAST] = id
    return id
  }

  /** The next `count` ids of the tick or, where fewer are left, all of those; undefined if none is. */
  take(count: number): IdRange | undefined {
    const left = this.#left()
    const taken = left < BigInt(count) ? left : BigInt(count)
    if (taken === 0n) return undefined
    const step = this.#cell(STEP)
    const before = this.#cell(LAST)
    this.#cells[LAST] = before + taken * step
    return { first: before + step, last: this.#cell(LAST), step }
  }

  /** Goes on at `position`, under `worker`. @throws RangeError unless that is above the last position. */
  enter(position: Position, worker: number): void {
    const { tick, sequence } = position
    if (tick <= this.#tick) throw new RangeError(`Tick ${tick} does not follow ${this.#tick}.`)
    const size = BigInt(this.#layout.sequenceMax - sequence + 1)
    const before = this.#layout.pack({ tick, worker, sequence }) - this.#cell(STEP)
    this.#given = this.given + size
    this.#cells[LAST] = before
    this.#cells[END] = before + size * this.#cell(STEP)
    this.#tick = tick
    this.#fromMs = this.#layout.startOf(tick)
    this.#untilMs = this.#layout.startOf(tick + 1)
  }

  /** Drops what is left of the tick; none up to `tick` can be entered any more. */
  passOver(tick: number): void {
    this.#given = this.given
    this.#cells[LAST] = this.#cell(END)
    this.#tick = Math.max(this.#tick, tick)
  }

  #left(): bigint {
    return (this.#cell(END) - this.#cell(LAST)) / this.#cell(STEP)
  }

  /** The cells always exist, which the type of an array can't say; without them no id is left. */
  #cell(index: typeof LAST | typeof END | typeof STEP): bigint {
    return this.#cells[index] ?? MAX_ID
  }
}
