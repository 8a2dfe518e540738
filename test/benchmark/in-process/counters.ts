import { type Contender, type NewIds, SHARE } from './contender.ts'
import { BIGINT, CELL, NUMBER } from './names.ts'

// The least that an id can cost.

const CURSOR = 0
const MAX = 1

/** Segments of 1,000 ids and nothing else: a cell, a look at its end, and then the next one. */
class BareTypedCells {
  #cells = new BigInt64Array(2)

  next(): bigint {
    const cells = this.#cells
    const cursor = cells[CURSOR] ?? 0n
    if (cursor >= (cells[MAX] ?? 0n)) return this.#nextOfNew()
    const id = BigInt.asIntN(64, cursor + 1n)
    cells[CURSOR] = id
    return id
  }

  #nextOfNew(): bigint {
    const offset = this.#cells[MAX] ?? 0n
    this.#cells = new BigInt64Array(2)
    this.#cells[CURSOR] = offset
    this.#cells[MAX] = offset + BigInt(SHARE)
    return this.next()
  }
}

export function bareTypedCells(newIds: NewIds): Contender {
  const cells = new BareTypedCells()
  const ids = newIds()
  const make = () => {
    for (let index = 0; index < SHARE; index++) ids[index] = cells.next()
  }
  return { name: CELL, make, ids, rises: true }
}

export function bareBigint(newIds: NewIds): Contender {
  const ids = newIds()
  let id = 0n
  const make = () => {
    for (let index = 0; index < SHARE; index++) {
      id = BigInt.asIntN(64, id + 1n)
      ids[index] = id
    }
  }
  return { name: BIGINT, make, ids, rises: true }
}

export function bareNumber(): Contender {
  const ids = Array.from({ length: SHARE }, () => 0)
  let id = 0
  const make = () => {
    for (let index = 0; index < SHARE; index++) {
      id += 1
      ids[index] = id
    }
  }
  return { name: NUMBER, make, ids, rises: true }
}
