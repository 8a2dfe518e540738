import { sizeOf } from '../../internal/domain/entity/id-range.ts'
import { MAX_ID } from '../../internal/domain/entity/tag.ts'
import type { DecodedId, IdRange } from './id-client.ts'

// What both transports bring: the fields have the same names, and 64 bits come as decimal text.

const DIGITS = /^\d{1,19}$/

/**
 * The ranges of an answer to NextIds.
 *
 * @throws Error unless they are exactly `count` ids.
 */
export function rangesIn(answer: unknown, count: number): IdRange[] {
  const { ranges } = fieldsOf(answer)
  if (!Array.isArray(ranges)) throw new Error('The answer has no ranges.')
  const read = ranges.map(rangeIn)
  const ids = read.reduce((sum, range) => sum + sizeOf(range), 0n)
  if (ids !== BigInt(count)) throw new Error(`The answer has ${ids} ids instead of ${count}.`)
  return read
}

/** @throws Error if the answer to DecodeId can't be read. */
export function decodedIn(answer: unknown): DecodedId {
  const { timeMs, worker, sequence } = fieldsOf(answer)
  return { timeMs: countIn(timeMs), worker: countIn(worker), sequence: countIn(sequence) }
}

/** @throws Error if `value` is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error('The answer is no object.')
  return value
}

function rangeIn(value: unknown): IdRange {
  const fields = fieldsOf(value)
  const first = int64In(fields['first'])
  const last = int64In(fields['last'])
  const step = int64In(fields['step'])
  const isRange = first > 0n && first <= last && last <= MAX_ID && step > 0n
  if (!isRange || (last - first) % step !== 0n) {
    throw new Error(`${first} to ${last} by ${step} is no range of ids.`)
  }
  return { first, last, step }
}

function int64In(value: unknown): bigint {
  if (typeof value !== 'string' || !DIGITS.test(value)) throw new Error('A number is missing.')
  return BigInt(value)
}

/** A number that JSON has as such, and protobuf as an int64. */
function countIn(value: unknown): number {
  const count = typeof value === 'number' ? value : Number(int64In(value))
  if (!Number.isSafeInteger(count)) throw new Error(`${count} is no whole number.`)
  return count
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
