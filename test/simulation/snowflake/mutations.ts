import type { Edit } from '../../support/edits.ts'
import type { Mutation } from '../mutation.ts'

const LEASE = 'internal/domain/generator/worker-lease.ts'
const GENERATOR = 'internal/domain/generator/snowflake-generator.ts'
const CURSOR = 'internal/domain/entity/snowflake-cursor.ts'
const WAITERS = 'internal/domain/generator/waiters.ts'
const STORE = 'internal/repository/worker/memory-worker-repository.ts'

const NO_FENCE: Edit = {
  file: LEASE,
  from: 'return this.#options.clock.monotonicMs() < grant.endMs ? grant : undefined',
  to: 'return grant',
}
const TICK_UNCHECKED: Edit = {
  file: LEASE,
  from: 'if (held !== grant || tick < held.floor || tick > held.reserved) {',
  to: 'if (held !== grant || tick < held.floor) {',
}

/** The mistakes by which a worker id or a tick could be used twice. */
const WORKER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'start at R instead of R+1',
    finds: 'given twice',
    edits: [
      {
        file: LEASE,
        from: 'const floor = Math.max(lastTick, this.#lastTick) + 1',
        to: 'const floor = Math.max(lastTick, this.#lastTick + 1)',
      },
    ],
  },
  {
    name: 'unacknowledged R used',
    finds: 'given twice',
    edits: [
      {
        file: LEASE,
        from: 'const isOurs = await this.#options.workers.renew(grant.holder, grant.reserved, reach)',
        to: `const { reserved } = grant
    grant.reserved = Math.max(reserved, reach.reserved)
    grant.endMs = reach.endMs
    const isOurs = await this.#options.workers.renew(grant.holder, reserved, reach)`,
      },
    ],
  },
  {
    name: 'reservation in ms where the tick is coarser',
    finds: 'no ids',
    edits: [
      {
        file: LEASE,
        from: 'const reserved = this.layout.tickAt(nowMs + lifeMs)',
        to: 'const reserved = nowMs + lifeMs - this.layout.epochMs',
      },
    ],
  },
  {
    name: 'reserved off and fence off',
    finds: 'given twice',
    edits: [
      NO_FENCE,
      TICK_UNCHECKED,
      {
        file: LEASE,
        from: 'if (grant === undefined || now > grant.reserved) return undefined',
        to: 'if (grant === undefined) return undefined',
      },
    ],
  },
  {
    name: 'row deleted on release',
    finds: 'given twice',
    edits: [
      {
        file: STORE,
        from: '    this.#change(holder, lastTick, (row) => ({',
        to: `    if (this.#change(holder, lastTick, (row) => row)) {
      this.#table.get(holder.pool)?.rows.delete(holder.worker)
    }
    this.#change(holder, lastTick, (row) => ({`,
      },
    ],
  },
  {
    name: 'claim without epoch or reserved',
    finds: 'tick granted twice',
    edits: [
      {
        file: STORE,
        from: 'if (row.epoch !== free.epoch || row.reserved !== free.reserved || !isFree(row, nowMs)) {',
        to: 'if (!isFree(row, nowMs)) {',
      },
    ],
  },
  {
    name: 'sequence reset before the clock check',
    finds: 'given twice',
    edits: [
      {
        file: CURSOR,
        from: 'const next = last.tick < since ? inNewTick',
        to: 'const next = last.tick !== since ? inNewTick',
      },
      {
        file: CURSOR,
        from: 'if (tick <= this.#tick) throw',
        to: 'if (tick === this.#tick) throw',
      },
      {
        file: GENERATOR,
        from: 'if (position.tick > last.tick) {',
        to: 'if (position.tick !== last.tick) {',
      },
    ],
  },
  {
    name: 'generator re-created in the same tick',
    finds: 'given twice',
    edits: [
      {
        file: LEASE,
        from: 'return Math.max(floor, this.#lastTick + 1)',
        to: 'return floor',
      },
    ],
  },
  {
    name: 'fence checked, then the clock read anew',
    finds: 'given twice',
    edits: [
      TICK_UNCHECKED,
      {
        file: GENERATOR,
        from: 'const position = following(last, from, now, this.#layout.sequenceMax)',
        to: 'const position = following(last, this.#now(), this.#now(), this.#layout.sequenceMax)',
      },
    ],
  },
  {
    name: 'no wait after the table was emptied',
    finds: 'given twice',
    edits: [
      {
        file: LEASE,
        from: 'if (newForMs > 0) throw',
        to: 'if (newForMs > Number.POSITIVE_INFINITY) throw',
      },
      { file: LEASE, from: 'Math.max(reserved, forgotten)', to: 'reserved' },
    ],
  },
]

/** A mistake for each breach that none of those above leads to. */
const OTHER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a new generator begins in the past',
    finds: 'out of order',
    edits: [
      { file: LEASE, from: 'return Math.max(floor, this.#lastTick + 1)', to: 'return floor' },
    ],
  },
  {
    name: 'one id more is counted than is given',
    finds: 'wrong count',
    edits: [
      {
        file: GENERATOR,
        from: 'left -= Number(sizeOf(range))',
        to: 'left = Math.max(0, left - Number(sizeOf(range)) - 1)',
      },
    ],
  },
  {
    name: 'the overflow of a sequence is given as an id',
    finds: 'no id of the layout',
    edits: [{ file: GENERATOR, from: 'if (id !== SEQUENCE_OVERFLOW) return id', to: 'return id' }],
  },
  {
    name: 'ticks are used before they begin',
    finds: 'ahead of the clock',
    edits: [{ file: CURSOR, from: 'return next.tick > now ? undefined : next', to: 'return next' }],
  },
  {
    name: 'the reservation is not looked at',
    finds: 'tick not granted',
    edits: [
      TICK_UNCHECKED,
      { file: LEASE, from: 'undefined || now > grant.reserved) return', to: 'undefined) return' },
    ],
  },
  {
    name: 'a grant begins in the past',
    finds: 'wrong code',
    edits: [
      { file: GENERATOR, from: 'passOver(this.#lease.startOf(grant) - 1)', to: 'passOver(0)' },
    ],
  },
  {
    name: 'a lease ends before its time',
    finds: 'refused without need',
    edits: [{ file: LEASE, from: '< grant.endMs ?', to: '< grant.endMs - 500 ?' }],
  },
  {
    name: 'deadlines are doubled',
    finds: 'late',
    edits: [
      { file: WAITERS, from: 'after(patienceMs, dismiss)', to: 'after(2 * patienceMs, dismiss)' },
    ],
  },
  {
    name: 'waiters are forgotten as they are served',
    finds: 'never answered',
    edits: [
      {
        file: WAITERS,
        from: 'this.#remove(waiter)) waiter.resolve(value)',
        to: 'this.#remove(waiter)) void value',
      },
    ],
  },
  {
    name: 'hardly any back-off',
    finds: 'too many questions',
    edits: [{ file: LEASE, from: 'const BACKOFF_MAX_MS = 1000', to: 'const BACKOFF_MAX_MS = 10' }],
  },
  {
    name: 'renewals go on after the end',
    finds: 'no end',
    edits: [
      {
        file: LEASE,
        from: '    this.#callOffRenewal()\n    this.#loop.stop()',
        to: '    this.#loop.stop()',
      },
    ],
  },
]

/**
 * No mistake: what the end of a lease by the monotonic clock spares is waiting. That ids leave after
 * it is all that the verifier may find.
 */
export const FENCE_OFF: Mutation = { name: 'fence off', finds: 'lease over', edits: [NO_FENCE] }

/** All of them. */
export const SNOWFLAKE_MUTATIONS: readonly Mutation[] = [
  ...WORKER_MUTATIONS,
  ...OTHER_MUTATIONS,
  FENCE_OFF,
]
