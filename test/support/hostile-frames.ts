/** The frames of HTTP/2 (RFC 9113), written by hand: a client would refuse to send most of these. */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const

export const FLAG = { endStream: 1, endHeaders: 4 } as const

const CANCEL = 8
const HEADER_BYTES = 9
const FRAME_MAX = 16_384

/** What every client sends first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** A preface and settings that are as they should be. */
export const GREETING = Buffer.concat([PREFACE, settings()])

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
) {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUIntBE(payload.length, 0, 3)
  header.writeUInt8(type, 3)
  header.writeUInt8(flags, 4)
  header.writeUInt32BE(stream, 5)
  return Buffer.concat([header, payload])
}

/** @param values Pairs of a setting's number and its value. */
export function settings(...values: readonly (readonly [id: number, value: number])[]): Buffer {
  const entries = values.map(([id, value]) => {
    const entry = Buffer.alloc(6)
    entry.writeUInt16BE(id, 0)
    entry.writeUInt32BE(value, 2)
    return entry
  })
  return frame(FRAME.settings, 0, 0, Buffer.concat(entries))
}

export function ping(): Buffer {
  return frame(FRAME.ping, 0, 0, Buffer.alloc(8))
}

export function resetStream(stream: number): Buffer {
  return frame(FRAME.resetStream, 0, stream, uint32(CANCEL))
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(FRAME.windowUpdate, 0, stream, uint32(increment))
}

/** Begins a gRPC call. @param path Such as `/goloves.v1.IdService/NextId`. */
export function call(stream: number, path: string, more: Readonly<Record<string, string>> = {}) {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'x',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  }
  return headers(stream, headerBlock(fields))
}

/** As many frames as the block needs. */
function headers(stream: number, block: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < block.length; at += FRAME_MAX) {
    const type = at === 0 ? FRAME.headers : FRAME.continuation
    const flags = at + FRAME_MAX >= block.length ? FLAG.endHeaders : 0
    frames.push(frame(type, flags, stream, block.subarray(at, at + FRAME_MAX)))
  }
  return Buffer.concat(frames)
}

/** A gRPC message as one frame. @param flags `FLAG.endStream` for the last of its call. */
export function message(stream: number, content: Buffer, flags = 0, isCompressed = false): Buffer {
  return frame(FRAME.data, flags, stream, prefixed(content, isCompressed))
}

/** A gRPC message: whether it is compressed, its length, its bytes. */
export function prefixed(content: Buffer, isCompressed = false): Buffer {
  return Buffer.concat([Buffer.of(isCompressed ? 1 : 0), uint32(content.length), content])
}

/** The message `{ tag, count: 1 }`; who wants no count skips it. */
export function question(tag: string): Buffer {
  const bytes = Buffer.from(tag)
  return Buffer.concat([Buffer.of(0x0a, bytes.length), bytes, Buffer.of(0x10, 1)])
}

/** Header fields in HPACK, none of them remembered for later. */
export function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.of(0),
    text(name),
    text(value),
  ])
  return Buffer.concat(texts)
}

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** The whole frames in what came back. */
export function framesIn(text: string): Frame[] {
  const bytes = Buffer.from(text, 'latin1')
  const frames: Frame[] = []
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + HEADER_BYTES, end),
    })
    at = end
  }
  return frames
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([length(bytes.length), bytes])
}

/** A number in HPACK with a prefix of seven bits. */
function length(value: number): Buffer {
  if (value < 127) return Buffer.of(value)
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128)
  return Buffer.of(...bytes, rest)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
