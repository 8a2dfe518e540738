/** The upper bounds of the buckets, in milliseconds: most ids leave memory within the first. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
  30_000,
]

/** How long something took, each time. Noting that allocates nothing. */
export class LatencyMeter {
  /** How many were that fast and no faster, by the index of their bound; the last is for the slower ones. */
  readonly #buckets = new Float64Array(LATENCY_BOUNDS_MS.length + 1)
  readonly #sumMs = new Float64Array(1)

  note(tookMs: number): void {
    let bucket = 0
    while (tookMs > (LATENCY_BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#sumMs[0] = this.sumMs + tookMs
  }

  get buckets(): Iterable<number> {
    return this.#buckets
  }

  get sumMs(): number {
    return this.#sumMs[0] ?? 0
  }
}

const STARTED = 0
const RECEIVED = 1
const SENT = 2

/** Counts the calls of one method or route. Counting allocates nothing and asks no clock. */
export class CallMeter {
  readonly labels: Readonly<Record<string, string>>
  readonly latency = new LatencyMeter()
  readonly #counts = new Float64Array(3)
  readonly #ended: Float64Array

  /** @param statusMax The highest status with which a call can end. */
  constructor(labels: Readonly<Record<string, string>>, statusMax: number) {
    this.labels = labels
    this.#ended = new Float64Array(statusMax + 1)
  }

  /** A call has begun. */
  begin(): void {
    this.#counts[STARTED] = this.started + 1
  }

  /** A stream has got a further message. */
  receive(): void {
    this.#counts[RECEIVED] = this.received + 1
  }

  /** A stream has sent a further message. */
  send(): void {
    this.#counts[SENT] = this.sent + 1
  }

  /** A call is answered. */
  end(status: number, tookMs: number): void {
    this.turnAway(status)
    this.latency.note(tookMs)
  }

  /** A call is answered without ever having begun. */
  turnAway(status: number): void {
    this.#ended[status] = this.endedWith(status) + 1
  }

  get started(): number {
    return this.#counts[STARTED] ?? 0
  }

  get received(): number {
    return this.#counts[RECEIVED] ?? 0
  }

  get sent(): number {
    return this.#counts[SENT] ?? 0
  }

  endedWith(status: number): number {
    return this.#ended[status] ?? 0
  }
}
