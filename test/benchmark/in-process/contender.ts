import type { IdRange } from '../../../internal/domain/entity/id-range.ts'

/** So many ids at a time: a segment of the bare typed cells. */
export const SHARE = 1000

/** Where ids go: one by one as values of their own, or as 64 bits each into a typed array. */
export type Ids = bigint[] | BigInt64Array

export type NewIds = () => Ids

/** Somebody who makes ids. Each has a loop of its own, so that it is compiled for what it calls. */
export interface Contender {
  readonly name: string
  /** Makes a share of them. Nobody waits in it. */
  readonly make: () => void
  /** Where they are then. */
  readonly ids: Ids | readonly number[]
  /** Whether each is above all before; else it only differs from those of the same share. */
  readonly rises: boolean
}

/** An id that is there at once. @throws Error if it is not. */
export function idAtOnce(id: bigint | Promise<bigint>): bigint {
  if (typeof id !== 'bigint') throw new Error('Nobody has to wait here.')
  return id
}

/** The same of ranges. */
export function rangesAtOnce(
  ranges: readonly IdRange[] | Promise<readonly IdRange[]>,
): readonly IdRange[] {
  if (ranges instanceof Promise) throw new Error('Nobody has to wait here.')
  return ranges
}
