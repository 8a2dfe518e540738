/** What stands in a snowflake id. */
export interface SnowflakeParts {
  /** How many units of the layout had passed since its epoch. */
  readonly tick: number
  readonly worker: number
  readonly sequence: number
}

interface Spec {
  readonly timeBits: number
  readonly workerBits: number
  readonly sequenceBits: number
  /** Which of the two fields below the time stands at the bottom. */
  readonly lowest: 'sequence' | 'worker'
  readonly unitMs: number
  readonly epochMs: number
}

const TOTAL_BITS_MAX = 63
/** Worker ids and sequence numbers are numbers in memory, and worker ids 32-bit columns. */
const FIELD_BITS_MAX = 31
/** Whoever finds a tick used up waits for the next one: a second at most. */
const UNIT_MAX_MS = 1000
/** The last moment that a Date knows, in the year 275760. Below 2^53, and so are all ticks. */
const LAST_DATE_MS = 8.64e15

const TWITTER = 'time:41,worker:10,sequence:12,unit:1,epoch:1288834974657'

const PRESETS: ReadonlyMap<string, string> = new Map([
  ['twitter', TWITTER],
  ['js-safe', 'time:41,worker:3,sequence:9,unit:1,epoch:1577203200000'],
  ['seconds', 'time:31,worker:10,sequence:22,unit:1000,epoch:1577203200000'],
  ['sonyflake', 'time:39,sequence:8,worker:16,unit:10,epoch:1735689600000'],
])

/** The layout of a tag that does not say which, as in Leaf. */
export const DEFAULT_LAYOUT = 'twitter'

/** The names of the layouts that need not be spelt out. */
export const PRESET_LAYOUTS: readonly string[] = [...PRESETS.keys()]

const SPELLING =
  /^time:(\d{1,2}),(worker|sequence):(\d{1,2}),(worker|sequence):(\d{1,2}),unit:(\d{1,4}),epoch:(\d{1,15})$/

/**
 * How the ids of a snowflake tag are put together. A value: two layouts of one `name` are the same.
 *
 *     bit 63       62                                              0
 *     0 | unused 0 | time since the epoch, in ticks | worker | sequence |   twitter, js-safe, seconds
 *     0 | unused 0 | time since the epoch, in ticks | sequence | worker |   sonyflake
 *
 * The time is always on top, so that ids rise with time. Ticks begin at 1, so that no id is 0. All
 * arithmetic is exact up to 63 bits.
 *
 * `twitter` is Twitter's Snowflake, `js-safe` and `seconds` have the numbers of CosId's
 * SafeJavaScript and Second layouts, `sonyflake` those of Sony's Sonyflake.
 */
export class SnowflakeLayout {
  /** A preset's name, or the layout spelt out; `parse` reads both. */
  readonly name: string
  /** The length of a tick, in milliseconds. */
  readonly unitMs: number
  /** When tick 0 begins, in milliseconds since 1970. */
  readonly epochMs: number
  /** The highest tick there is; the lowest that is issued is 1. */
  readonly tickMax: number
  /** The highest worker id, of which the lowest is 0. */
  readonly workerMax: number
  /** The highest sequence number, of which the lowest is 0. */
  readonly sequenceMax: number
  /** How far apart two ids are whose sequence numbers follow each other. */
  readonly sequenceStep: bigint
  readonly #timeShift: bigint
  readonly #workerShift: bigint
  readonly #sequenceShift: bigint

  private constructor(name: string, spec: Spec) {
    const { timeBits, workerBits, sequenceBits, lowest } = spec
    this.name = name
    this.unitMs = spec.unitMs
    this.epochMs = spec.epochMs
    this.tickMax = 2 ** timeBits - 1
    this.workerMax = 2 ** workerBits - 1
    this.sequenceMax = 2 ** sequenceBits - 1
    this.#timeShift = BigInt(workerBits + sequenceBits)
    this.#workerShift = lowest === 'worker' ? 0n : BigInt(sequenceBits)
    this.#sequenceShift = lowest === 'sequence' ? 0n : BigInt(workerBits)
    this.sequenceStep = 1n << this.#sequenceShift
  }

  /**
   * @param text A preset's name (`twitter`, `js-safe`, `seconds`, `sonyflake`), or a layout spelt out
   * from the top bit down, the unit and the epoch in milliseconds:
   * `time:41,worker:10,sequence:12,unit:1,epoch:1288834974657`. A preset spelt out is that preset.
   * @throws RangeError that says what is wrong with it: half a sentence, to stand behind the name of
   * what the layout is for.
   */
  static parse(text: string): SnowflakeLayout {
    const spec = read(PRESETS.get(text) ?? text)
    check(spec)
    const spelling = spelt(spec)
    const preset = PRESET_LAYOUTS.find((name) => PRESETS.get(name) === spelling)
    return new SnowflakeLayout(preset ?? spelling, spec)
  }

  /** When tick 1 begins, the first that is issued, in milliseconds since 1970. */
  get firstMs(): number {
    return this.startOf(1)
  }

  /** The last millisecond that an id can carry, since 1970. */
  get lastMs(): number {
    return this.startOf(this.tickMax + 1) - 1
  }

  /** How many worker ids there are. */
  get workers(): number {
    return this.workerMax + 1
  }

  /**
   * The tick of a moment in milliseconds since 1970: below 1 before the first moment, above `tickMax`
   * after the last.
   */
  tickAt(ms: number): number {
    return Math.floor((ms - this.epochMs) / this.unitMs)
  }

  /** When a tick begins, in milliseconds since 1970. */
  startOf(tick: number): number {
    return this.epochMs + tick * this.unitMs
  }

  /** The id of these parts, above 0. @throws RangeError if one of them has no room in it. */
  pack({ tick, worker, sequence }: SnowflakeParts): bigint {
    within('the tick', tick, 1, this.tickMax)
    within('the worker', worker, 0, this.workerMax)
    within('the sequence', sequence, 0, this.sequenceMax)
    return (
      (BigInt(tick) << this.#timeShift) |
      (BigInt(worker) << this.#workerShift) |
      (BigInt(sequence) << this.#sequenceShift)
    )
  }

  /** The parts of an id. @throws RangeError if this layout has no such id. */
  unpack(id: bigint): SnowflakeParts {
    const tick = id >> this.#timeShift
    if (tick < 1n || tick > BigInt(this.tickMax)) {
      throw new RangeError(`the layout ${this.name} has no id ${id}`)
    }
    return {
      tick: Number(tick),
      worker: Number((id >> this.#workerShift) & BigInt(this.workerMax)),
      sequence: Number((id >> this.#sequenceShift) & BigInt(this.sequenceMax)),
    }
  }
}

function read(text: string): Spec {
  const [, time, upper, upperBits, lowest, lowestBits, unit, epoch] = SPELLING.exec(text) ?? []
  if (upper === lowest || (lowest !== 'worker' && lowest !== 'sequence')) {
    const names = PRESET_LAYOUTS.join(', ')
    throw new RangeError(
      `the layout must be one of ${names}, or spelt out, time first, like ${TWITTER}`,
    )
  }
  return {
    timeBits: Number(time),
    workerBits: Number(lowest === 'worker' ? lowestBits : upperBits),
    sequenceBits: Number(lowest === 'sequence' ? lowestBits : upperBits),
    lowest,
    unitMs: Number(unit),
    epochMs: Number(epoch),
  }
}

function check({ timeBits, workerBits, sequenceBits, unitMs, epochMs }: Spec): void {
  within("the layout's time bits", timeBits, 1, TOTAL_BITS_MAX)
  within("the layout's worker bits", workerBits, 1, FIELD_BITS_MAX)
  within("the layout's sequence bits", sequenceBits, 1, FIELD_BITS_MAX)
  within("all of the layout's bits", timeBits + workerBits + sequenceBits, 3, TOTAL_BITS_MAX)
  within("the layout's unit", unitMs, 1, UNIT_MAX_MS)
  if (epochMs + 2 ** timeBits * unitMs > LAST_DATE_MS) {
    throw new RangeError('the layout must end by the year 275760')
  }
}

function spelt({ timeBits, workerBits, sequenceBits, lowest, unitMs, epochMs }: Spec): string {
  const worker = `worker:${workerBits}`
  const sequence = `sequence:${sequenceBits}`
  const fields = lowest === 'worker' ? [sequence, worker] : [worker, sequence]
  return [`time:${timeBits}`, ...fields, `unit:${unitMs}`, `epoch:${epochMs}`].join(',')
}

function within(what: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${what} must be from ${min} to ${max}, not ${value}`)
}
