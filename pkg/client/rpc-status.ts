import { type ServiceError, status } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import { isErrorCode } from '../errors/error-code.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { fieldsOf } from './answers.ts'

const STRINGS = { keyType: 'string', type: 'string', id: 3 }

// The part of Google's error model that the service speaks, said here because no package brings it.
const MESSAGES = fromJSON(
  {
    nested: {
      Any: { fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
      Duration: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
      Status: { fields: { details: { rule: 'repeated', type: 'Any', id: 3 } } },
      ErrorInfo: { fields: { reason: { type: 'string', id: 1 }, metadata: STRINGS } },
      RetryInfo: { fields: { retryDelay: { type: 'Duration', id: 1 } } },
    },
  },
  { longs: Number, defaults: true },
)

const TYPE_PREFIX = 'type.googleapis.com/google.rpc.'

/**
 * How an instance refused a call; undefined if it was none that ended it: without an ErrorInfo of
 * ours it was somebody on the way, or the connection.
 */
export function refusalIn(error: ServiceError): GolovesError | undefined {
  try {
    const [bytes] = error.metadata.get('grpc-status-details-bin')
    if (Buffer.isBuffer(bytes)) return refusalOf(bytes, error)
  } catch {
    // Nothing of ours, then.
  }
  if (error.code !== status.RESOURCE_EXHAUSTED) return undefined
  // What an instance with too many open calls does to the oldest: it can't say more than this.
  return new GolovesError('OVERLOADED', error.details, { cause: error })
}

/** @throws Error if these are no details with an ErrorInfo. */
function refusalOf(bytes: Buffer, error: ServiceError): GolovesError {
  const { details } = read('Status', bytes)
  const packed = Array.isArray(details) ? details.map(fieldsOf) : []
  const info = fieldsOf(find('ErrorInfo', packed))
  const delay = find('RetryInfo', packed)?.['retryDelay']
  return new GolovesError(
    isErrorCode(info['reason']) ? info['reason'] : 'INTERNAL',
    error.details,
    {
      metadata: textsIn(info['metadata']),
      ...(delay != null && { retryAfterMs: msIn(fieldsOf(delay)) }),
      cause: error,
    },
  )
}

type Fields = Readonly<Record<string, unknown>>

function find(name: string, packed: readonly Fields[]): Fields | undefined {
  const { value } = packed.find(({ typeUrl }) => typeUrl === TYPE_PREFIX + name) ?? {}
  return Buffer.isBuffer(value) ? read(name, value) : undefined
}

function read(name: string, bytes: Buffer): Fields {
  const message = MESSAGES[name]
  if (message === undefined || !('deserialize' in message)) throw new Error(`There is no ${name}.`)
  if (typeof message.deserialize !== 'function') throw new Error(`${name} is no message.`)
  return fieldsOf(message.deserialize(bytes))
}

function msIn({ seconds, nanos }: Fields): number {
  return Number(seconds) * 1000 + Number(nanos) / 1_000_000
}

function textsIn(metadata: unknown): Record<string, string> {
  const texts = Object.entries(fieldsOf(metadata)).map(([name, value]) => [name, String(value)])
  return Object.fromEntries(texts)
}
