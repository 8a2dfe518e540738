import { type Channel, channel } from 'node:diagnostics_channel'
import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import type { Clock } from '../../../pkg/clock/clock.ts'

export interface OpenCallsOptions {
  readonly clock: Clock
  /** How many calls may be open on all connections together; for a further one the oldest ends. */
  readonly callsMax: number
  /** How long a call may be open, in milliseconds. */
  readonly callMaxMs: number
  /** The paths of calls that last for as long as their client likes: neither limit is theirs. */
  readonly lasting: ReadonlySet<string>
}

// Node shows here what becomes of every stream; listeners on each of them would be dearer.
const begun = channel('http2.server.stream.created')
const responded = channel('http2.server.stream.finish')
const closed = channel('http2.server.stream.close')

/** A call; once it has ended, the stream is forgotten, and with it all that came. */
interface OpenCall {
  stream: ServerHttp2Stream | undefined
  readonly beganMs: number
}

const CALL = Symbol('call')

/** A stream knows its call, unless that may last. */
interface Stream extends ServerHttp2Stream {
  [CALL]?: OpenCall
}

/** So many that have ended are remembered at most, beside one for each that is open. */
const ENDED_MAX = 64

/**
 * Limits the calls that are open on the connections of one port, which grpc-js does not: it waits
 * for ever for a request that never arrives whole, and for a client that neither reads its answer
 * nor ends its call, and keeps in memory what came with it.
 */
export class OpenCalls {
  readonly #options: OpenCallsOptions
  readonly #isOurs: (session: Http2Session) => boolean
  readonly #known = new WeakMap<Http2Session, boolean>()
  readonly #stop: () => void
  /**
   * From the oldest to the newest. A Map would cost more than all else here: under so many changes V8 copies its
   * table again and again, and once one of them has grown old, each keeps the next alive, and the calls in it.
   */
  #calls: OpenCall[] = []
  /** All before this one have ended. */
  #first = 0
  #open = 0
  #callOff: (() => void) | undefined

  /** Watches until `close`. @param isOurs Whether a connection is one to our port. */
  constructor(options: OpenCallsOptions, isOurs: (session: Http2Session) => boolean) {
    this.#options = options
    this.#isOurs = isOurs
    const stops = [
      this.#watch(begun, ({ stream, headers }) => this.#begin(stream, headers)),
      this.#watch(responded, ({ stream }) => this.#answer(stream)),
      this.#watch(closed, ({ stream }) => this.#forget(stream[CALL])),
    ]
    this.#stop = () => {
      for (const stop of stops) stop()
    }
  }

  close(): void {
    this.#stop()
    this.#callOff?.()
  }

  #watch(shown: Channel, act: (event: StreamEvent) => void): () => void {
    const watch = (event: unknown) => {
      if (isOfStream(event) && this.#isToUs(event.stream)) act(event)
    }
    shown.subscribe(watch)
    return () => shown.unsubscribe(watch)
  }

  #isToUs({ session }: ServerHttp2Stream): boolean {
    if (session === undefined) return false
    let isOurs = this.#known.get(session)
    if (isOurs === undefined) {
      isOurs = this.#isOurs(session)
      this.#known.set(session, isOurs)
    }
    return isOurs
  }

  #begin(stream: Stream, headers: StreamEvent['headers']): void {
    const { clock, callsMax, lasting } = this.#options
    if (lasting.has(String(headers?.[':path']))) return
    // One that does not end by itself soon is likely to be from who asks for too much.
    if (this.#open >= callsMax) this.#endOldest(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    const call = { stream, beganMs: clock.monotonicMs() }
    stream[CALL] = call
    this.#calls.push(call)
    this.#open += 1
    if (this.#callOff === undefined) this.#awaitOldest()
  }

  #answer(stream: ServerHttp2Stream): void {
    if (!isRefusal(stream)) return
    stream.once('finish', () => this.#options.clock.after(0, () => endRefused(stream)))
  }

  #forget(call: OpenCall | undefined): void {
    if (call?.stream === undefined) return
    call.stream = undefined
    this.#open -= 1
    if (this.#calls.length <= 2 * this.#open + ENDED_MAX) return
    this.#calls = this.#calls.filter(isOpen)
    this.#first = 0
  }

  /** All may be open for equally long, so that one timer does for them. */
  #awaitOldest(): void {
    this.#callOff = undefined
    const { clock, callMaxMs } = this.#options
    for (;;) {
      const oldest = this.#oldest()
      if (oldest === undefined) return
      const leftMs = oldest.beganMs + callMaxMs - clock.monotonicMs()
      if (leftMs > 0) {
        this.#callOff = clock.after(leftMs, () => this.#awaitOldest())
        return
      }
      this.#endOldest(constants.NGHTTP2_CANCEL)
    }
  }

  #oldest(): OpenCall | undefined {
    for (; this.#first < this.#calls.length; this.#first++) {
      const call = this.#calls[this.#first]
      if (call !== undefined && isOpen(call)) return call
    }
    return undefined
  }

  #endOldest(code: number): void {
    const oldest = this.#oldest()
    const stream = oldest?.stream
    this.#forget(oldest)
    stream?.close(code)
  }
}

function isOpen({ stream }: OpenCall): boolean {
  return stream !== undefined
}

/** Whether the answer is nothing but a status. */
function isRefusal({ sentHeaders }: ServerHttp2Stream): boolean {
  return sentHeaders?.[':status'] !== 200 || 'grpc-status' in sentHeaders
}

/** Ends a call that is answered although its client goes on; if that has ended it, it closes by itself. */
function endRefused(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR)
}

interface StreamEvent {
  readonly stream: Stream
  /** Of its request, where it begins. */
  readonly headers?: Readonly<Record<string, unknown>>
}

function isOfStream(event: unknown): event is StreamEvent {
  return (
    typeof event === 'object' &&
    event !== null &&
    'stream' in event &&
    event.stream instanceof Duplex
  )
}
