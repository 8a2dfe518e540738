import { InvalidArgumentError } from 'commander'

/**
 * A number on the command line, as text, because ids have 64 bits. Only whether it can be sent is
 * checked here; the service knows what is allowed.
 *
 * @throws InvalidArgumentError unless it is a whole number of at most 64 bits, with its sign.
 */
export function wholeNumber(text: string): string {
  const fits = /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
  if (!fits) throw new InvalidArgumentError('It must be a whole number of at most 64 bits.')
  return text
}

/** As `wholeNumber`, for what the wire takes as left out when it is 0. @throws InvalidArgumentError. */
export function positiveNumber(text: string): string {
  if (BigInt(wholeNumber(text)) > 0n) return text
  throw new InvalidArgumentError('It must be above 0.')
}
