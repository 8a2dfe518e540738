import { GolovesError } from './goloves-error.ts'

// Each failure's sentence stands here once, so that both transports and the logs say the same.

export function tagInvalid(text: string): GolovesError {
  return new GolovesError(
    'TAG_INVALID',
    `A tag is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit; ${quoted(text)} is not.`,
  )
}

export function tagOptionInvalid(tag: string, fault: string): GolovesError {
  return new GolovesError('TAG_OPTION_INVALID', `Tag "${tag}": ${fault}.`, { metadata: { tag } })
}

export function countOutOfRange(count: string, most: number): GolovesError {
  return new GolovesError(
    'COUNT_OUT_OF_RANGE',
    `A count is a whole number from 1 to ${most}; ${quoted(count)} is not.`,
    { metadata: { max: String(most) } },
  )
}

export function requestInvalid(fault: string): GolovesError {
  return new GolovesError('REQUEST_INVALID', fault)
}

/** @param what Such as `A body`. */
export function requestTooLarge(what: string, maxBytes: number): GolovesError {
  return new GolovesError('REQUEST_TOO_LARGE', `${what} can have ${maxBytes} bytes at most.`)
}

export function tagNotFound(tag: string): GolovesError {
  return new GolovesError('TAG_NOT_FOUND', `There is no tag "${tag}".`, { metadata: { tag } })
}

export function tagAlreadyExists(tag: string, fault = 'exists already'): GolovesError {
  return new GolovesError('TAG_ALREADY_EXISTS', `Tag "${tag}" ${fault}.`, { metadata: { tag } })
}

export function tagConflict(tag: string, seen: bigint, actual: bigint): GolovesError {
  return new GolovesError(
    'TAG_CONFLICT',
    `Tag "${tag}" has version ${actual} by now, not ${seen}. Read it again and repeat the change.`,
    { metadata: { tag, version: String(actual) } },
  )
}

/** @param cure What to do instead, where that is known: a space and a sentence. */
export function modeMismatch(tag: string, mode: string, cure = ''): GolovesError {
  return new GolovesError('MODE_MISMATCH', `Tag "${tag}" is of mode ${mode}.${cure}`, {
    metadata: { tag, mode },
  })
}

export function tagFrozen(tag: string): GolovesError {
  return new GolovesError('TAG_FROZEN', `Tag "${tag}" is frozen; an operator has to unfreeze it.`, {
    metadata: { tag },
  })
}

/** `above` is the highest id known to be used: the store has to be raised past it. */
export function storeWentBackwards(tag: string, above: bigint): GolovesError {
  return new GolovesError(
    'STORE_WENT_BACKWARDS',
    `The store has lost ids of tag "${tag}" that were given out already; an operator has to raise it above ${above}.`,
    { metadata: { tag, above: String(above) } },
  )
}

export function tagExhausted(tag: string, maxValue: bigint): GolovesError {
  return new GolovesError('TAG_EXHAUSTED', `Tag "${tag}" has no ids left up to ${maxValue}.`, {
    metadata: { tag, maxValue: String(maxValue) },
  })
}

export function overloaded(what: string, retryAfterMs: number): GolovesError {
  return new GolovesError('OVERLOADED', `Too many ${what} at once; try again.`, { retryAfterMs })
}

export function storeUnavailable(retryAfterMs: number, cause?: unknown): GolovesError {
  return new GolovesError('STORE_UNAVAILABLE', 'The store does not answer; try again.', {
    retryAfterMs,
    cause,
  })
}

/** A count that no deadline as short as this one can do. */
export function countTakesLonger(count: number, pool: string, takesMs: number): GolovesError {
  return new GolovesError(
    'DEADLINE_EXCEEDED',
    `To make ${count} ids of layout ${pool} takes ${takesMs} ms, longer than the deadline; ask for fewer.`,
  )
}

export function deadlineExceeded(): GolovesError {
  return new GolovesError('DEADLINE_EXCEEDED', 'The deadline came before the answer.')
}

/** @param id Text from a caller. */
export function idInvalid(id: string, layout: string): GolovesError {
  return new GolovesError('ID_INVALID', `The layout ${layout} has no id ${quoted(id)}.`, {
    metadata: { layout },
  })
}

/** What no tag can have handed out. @param id Text from a caller. */
export function notAnId(id: string): GolovesError {
  return new GolovesError(
    'ID_INVALID',
    `An id is a whole number from 1 to 9223372036854775807; ${quoted(id)} is not.`,
  )
}

export function layoutEnded(layout: string, lastMs: number): GolovesError {
  const end = new Date(lastMs).toISOString()
  return new GolovesError('LAYOUT_ENDED', `The layout ${layout} has no ids after ${end}.`, {
    metadata: { layout, end },
  })
}

/** @param behindMs How far the clock is behind the last id. */
export function clockMovedBackwards(behindMs: number): GolovesError {
  const wait = Math.max(1, Math.ceil(behindMs))
  return new GolovesError(
    'CLOCK_MOVED_BACKWARDS',
    `The clock of this instance is ${wait} ms behind its ids; wait, or ask another instance.`,
    { retryAfterMs: wait },
  )
}

export function workerLeaseLost(retryAfterMs: number, cause?: unknown): GolovesError {
  return new GolovesError(
    'WORKER_LEASE_LOST',
    'This instance holds no worker id at present; try again, or ask another instance.',
    { retryAfterMs, cause },
  )
}

/** @param waitMs Until when those are gone who may have held worker ids that the store knows nothing of. */
export function workerPoolNew(pool: string, waitMs: number): GolovesError {
  return new GolovesError(
    'WORKER_LEASE_LOST',
    `Layout ${pool} is new to this store; its first id can leave in ${waitMs} ms, from any instance.`,
    { retryAfterMs: waitMs, metadata: { pool } },
  )
}

/** @param aheadMs How far this host's clock is ahead of the database's; negative if it is behind. */
export function clockOff(aheadMs: number, retryAfterMs: number): GolovesError {
  return new GolovesError(
    'WORKER_LEASE_LOST',
    `The clock of this instance is ${Math.round(aheadMs)} ms ahead of the database's, so it gets no worker id.`,
    { retryAfterMs },
  )
}

/** @param retryAfterMs In how many milliseconds the next lease ends. */
export function workerPoolExhausted(
  pool: string,
  size: number,
  retryAfterMs: number,
): GolovesError {
  return new GolovesError(
    'WORKER_POOL_EXHAUSTED',
    `All ${size} worker ids of layout ${pool} are held; the next lease ends in ${retryAfterMs} ms.`,
    { retryAfterMs, metadata: { pool, size: String(size) } },
  )
}

/** @param retryAfterMs In how many milliseconds that lease ends, unless its holder renews it. */
export function workerTaken(pool: string, worker: number, retryAfterMs: number): GolovesError {
  return new GolovesError(
    'WORKER_POOL_EXHAUSTED',
    `Worker id ${worker} of layout ${pool}, which the settings fix, is held by another instance.`,
    { retryAfterMs, metadata: { pool, worker: String(worker) } },
  )
}

export function workerUnknown(pool: string, worker: number, highest: number): GolovesError {
  return new GolovesError(
    'WORKER_POOL_EXHAUSTED',
    `The settings fix worker id ${worker}; layout ${pool} has those from 0 to ${highest}.`,
    { metadata: { pool, worker: String(worker) } },
  )
}

export function shuttingDown(retryAfterMs: number): GolovesError {
  return new GolovesError('SHUTTING_DOWN', 'This instance is shutting down; ask another.', {
    retryAfterMs,
  })
}

/** Said by a client that no instance answers, for which its callers can do as little as for a store. */
export function serviceUnreached(cause: unknown): GolovesError {
  return new GolovesError('STORE_UNAVAILABLE', 'No instance of the service answers; try again.', {
    cause,
  })
}

export function clientClosed(): GolovesError {
  return new GolovesError('SHUTTING_DOWN', 'This client is closed.')
}

/** Text from a caller, made short and printable. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
