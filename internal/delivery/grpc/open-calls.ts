import { channel } from 'node:diagnostics_channel'
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

const created = channel('http2.server.stream.created')

/** A call; once it has ended, the stream is forgotten. */
interface OpenCall {
  stream: ServerHttp2Stream | undefined
  readonly beganMs: number
}

/** So many that have ended are remembered at most, beside one for each that is open. */
const ENDED_MAX = 64

/**
 * Limits the calls that are open on the connections of one port, which grpc-js does not: it waits
 * for ever for a request that never arrives whole, and for a client that neither reads its answer
 * nor ends its call, and keeps in memory what came with it. Node shows each call as it begins.
 */
export class OpenCalls {
  readonly #options: OpenCallsOptions
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
    const known = new WeakMap<Http2Session, boolean>()
    const begin = (event: unknown) => {
      if (!isBeginning(event)) return
      const { session } = event.stream
      if (session === undefined) return
      if (!known.has(session)) known.set(session, isOurs(session))
      if (known.get(session)) this.#begin(event.stream, event.headers)
    }
    created.subscribe(begin)
    this.#stop = () => created.unsubscribe(begin)
  }

  close(): void {
    this.#stop()
    this.#callOff?.()
  }

  #begin(stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>): void {
    stream.on('finish', () => {
      if (isRefused(stream)) this.#options.clock.after(0, () => endRefused(stream))
    })
    if (!this.#options.lasting.has(String(headers[':path']))) this.#limit(stream)
  }

  #limit(stream: ServerHttp2Stream): void {
    const { clock, callsMax } = this.#options
    // One that does not end by itself soon is likely to be from who asks for too much.
    if (this.#open >= callsMax) this.#endOldest(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    const call = { stream, beganMs: clock.monotonicMs() }
    stream.on('close', () => this.#forget(call))
    this.#calls.push(call)
    this.#open += 1
    if (this.#callOff === undefined) this.#awaitOldest()
  }

  #forget(call: OpenCall): void {
    if (call.stream === undefined) return
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
    while (this.#calls[this.#first]?.stream === undefined && this.#first < this.#calls.length) {
      this.#first += 1
    }
    return this.#calls[this.#first]
  }

  #endOldest(code: number): void {
    const oldest = this.#oldest()
    if (oldest?.stream === undefined) return
    const { stream } = oldest
    this.#forget(oldest)
    end(stream, code)
  }
}

function isOpen({ stream }: OpenCall): boolean {
  return stream !== undefined
}

function end(stream: ServerHttp2Stream, code: number): void {
  if (!stream.closed) stream.close(code)
}

/** Whether it was answered with nothing but a status, before its client has ended it. */
function isRefused({ readableEnded, sentHeaders }: ServerHttp2Stream): boolean {
  if (readableEnded) return false
  return sentHeaders?.[':status'] !== 200 || 'grpc-status' in sentHeaders
}

/** One that its client has ended meanwhile closes by itself. */
function endRefused(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded) end(stream, constants.NGHTTP2_NO_ERROR)
}

interface Beginning {
  readonly stream: ServerHttp2Stream
  readonly headers: Readonly<Record<string, unknown>>
}

function isBeginning(event: unknown): event is Beginning {
  return (
    typeof event === 'object' &&
    event !== null &&
    'stream' in event &&
    event.stream instanceof Duplex &&
    'headers' in event
  )
}
