import { z } from 'zod'
import { requestInvalid } from '../../../pkg/errors/failures.ts'
import { mediaTypeUnsupported } from './failures.ts'

const JSON_TYPE = /^\s*application\/json\s*(;|$)/i
const DIGITS = /^-?\d{1,1000}$/
const FAULTS_MAX_CHARS = 300

/** A whole number of any size: a JSON number, or decimal digits in a string. */
export const wholeNumber = z
  .custom<number | string>(isWhole, 'expected a whole number, or its digits in a string')
  .transform((value) => BigInt(value))

/** As `wholeNumber`, but a JSON number that may have been rounded on its way (2^53 and above) is refused. */
export const exactNumber = z
  .custom<number | string>(
    (value) => isWhole(value) && (typeof value === 'string' || Number.isSafeInteger(value)),
    'expected the digits of a whole number in a string, or a whole JSON number below 2^53',
  )
  .transform((value) => BigInt(value))

function isWhole(value: unknown): boolean {
  return typeof value === 'string' ? DIGITS.test(value) : Number.isInteger(value)
}

/**
 * The value that a body holds.
 *
 * @throws GolovesError MEDIA_TYPE_UNSUPPORTED unless the content type is JSON's; REQUEST_INVALID
 * for text that is not JSON.
 */
export function parseJson(contentType: string | undefined, text: string): unknown {
  if (!JSON_TYPE.test(contentType ?? '')) throw mediaTypeUnsupported()
  try {
    return JSON.parse(text)
  } catch {
    throw requestInvalid('The body is not JSON.')
  }
}

/**
 * What came from a caller, as the schema has it.
 *
 * @param what Where it came from, to begin a sentence with: `The body`.
 * @throws GolovesError REQUEST_INVALID naming each fault, unknown fields included.
 */
export function checked<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw requestInvalid(`${what} is not as expected: ${faultsOf(result.error)}.`)
}

function faultsOf({ issues }: z.ZodError): string {
  const faults = issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`
  })
  return faults.join('; ').slice(0, FAULTS_MAX_CHARS)
}
