import { withTimeLimit } from '../../../pkg/async/time-limit.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { isTagName, type TagName } from '../../domain/entity/tag.ts'
import type { Database, Session } from '../database/database.ts'
import { textOf } from '../database/row.ts'
import { timeLimitedRun } from '../database/time-limited-run.ts'
import { reopenPools } from '../worker/pool-header.ts'
import { TagStatements } from './tag-statements.ts'
import { highestKnown, highestUsed, raisedBy, tombstoneRaisedBy } from './tag-transitions.ts'

/** What became of a tag that was to be raised. */
export type TagRaise = RaisedTag | { readonly tag: TagName; readonly error: GolovesError }

interface RaisedTag {
  readonly tag: TagName
  /** The highest id that was known to be used. */
  readonly before: bigint
  /** The next id will be above this. */
  readonly now: bigint
  /** By an operator: only `unfreeze` lifts that. */
  readonly isFrozen: boolean
  /** Then this counts once a tag of that name is created again. */
  readonly isDeleted: boolean
}

/** One read of all names, however many there are. */
const NAMES_LIMIT_MS = 30_000

/** As `Store.raiseAll` says. */
export async function* raiseAll(
  database: Database,
  clock: Clock,
  by: bigint,
): AsyncGenerator<TagRaise> {
  const run = timeLimitedRun(database, clock)
  // First, so that no worker id is leased too early should somebody end this half way.
  await run((session) => reopenPools(session, database.dialect))
  const names = await withTimeLimit(clock, NAMES_LIMIT_MS, (signal) =>
    database.run(signal, namesIn),
  )
  for (const tag of names) {
    try {
      const raised = await run((session) =>
        session.transaction(() => raise(new TagStatements(session, database.dialect), tag, by)),
      )
      if (raised !== undefined) yield raised
    } catch (thrown) {
      yield { tag, error: GolovesError.from(thrown) }
    }
  }
}

/** Those of all tags, also deleted ones, which only have a row in `leaf_tag`. */
async function namesIn(session: Session): Promise<TagName[]> {
  const names = new Set<TagName>()
  for (const table of ['leaf_alloc', 'leaf_tag']) {
    const { rows } = await session.run(`SELECT biz_tag FROM ${table}`)
    for (const row of rows) {
      const name = textOf(row, 'biz_tag')
      if (isTagName(name)) names.add(name)
    }
  }
  return [...names].sort()
}

/** @returns undefined for what leases no ids: a snowflake tag, or one that is gone without a trace. */
async function raise(
  statements: TagStatements,
  name: TagName,
  by: bigint,
): Promise<RaisedTag | undefined> {
  const locked = await statements.lock(name)
  const { tag, row } = locked
  if (row?.mode === 'snowflake') return undefined
  if (tag !== undefined) {
    const raised = raisedBy(tag, by)
    await statements.change(locked, raised)
    const isFrozen = raised.freeze !== undefined
    return { tag: name, before: highestUsed(tag), now: raised.maxId, isFrozen, isDeleted: false }
  }
  if (row === undefined) return undefined
  const tombstone = tombstoneRaisedBy(name, row, by)
  await statements.delete(locked, tombstone)
  const [before, now] = [highestKnown(row), tombstone.deletedMaxId]
  return { tag: name, before, now, isFrozen: false, isDeleted: true }
}
