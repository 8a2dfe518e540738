import type { Clock } from '../../../pkg/clock/clock.ts'
import { tagAlreadyExists, tagNotFound } from '../../../pkg/errors/failures.ts'
import type { Tag, TagName } from '../../domain/entity/tag.ts'
import {
  type NewTag,
  type TagChanges,
  TagRepository,
} from '../../domain/generator/tag-repository.ts'
import type { Database, Session } from '../database/database.ts'
import { textOf } from '../database/row.ts'
import { type TimeLimitedRun, timeLimitedRun } from '../database/time-limited-run.ts'
import { bytesOf, tagRows, tagsFrom } from './tag-columns.ts'
import { TagStatements } from './tag-statements.ts'
import {
  created,
  deleted,
  frozen,
  frozenBehind,
  raised,
  unfrozen,
  updated,
} from './tag-transitions.ts'

/** The process that asks, as its row in `leaf_instance` names it. */
export interface Instance {
  readonly name: string
  readonly address: string
}

/** The tags in MySQL or SQLite. Each call ends after two seconds at most. */
export class KnexTagRepository extends TagRepository {
  readonly #database: Database
  readonly #run: TimeLimitedRun
  readonly #clock: Clock
  readonly #instance: Instance
  #lastSeenMs = 0

  constructor(database: Database, clock: Clock, instance: Instance) {
    super()
    this.#database = database
    this.#run = timeLimitedRun(database, clock)
    this.#clock = clock
    this.#instance = instance
  }

  findAll(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#run((session) => this.#select(session, names))
  }

  confirm(names: readonly TagName[]): Promise<ReadonlyMap<TagName, Tag>> {
    return this.#transaction(async (session) => {
      await this.#proveWritable(session)
      return await this.#select(session, names)
    })
  }

  list(after: string, limit: number): Promise<readonly Tag[]> {
    return this.#run(async (session) => {
      const tags: Tag[] = []
      for (let last = after; ; ) {
        const rows = await this.#page(session, last, limit)
        tags.push(...tagsFrom(rows).values())
        const end = rows.at(-1)
        if (tags.length >= limit || rows.length < limit || !end) return tags.slice(0, limit)
        last = textOf(end, 'biz_tag')
      }
    })
  }

  create(wanted: NewTag): Promise<Tag> {
    return this.#transaction(async (session) => {
      const statements = this.#statements(session)
      const locked = await statements.lock(wanted.name)
      if (locked.tag) throw tagAlreadyExists(wanted.name)
      if (locked.twin !== undefined) {
        const fault = `is the same to this database as "${locked.twin}", which exists already`
        throw tagAlreadyExists(wanted.name, fault)
      }
      const tag = created(wanted, locked.row)
      await statements.create(locked, tag)
      return tag
    })
  }

  update(name: TagName, version: bigint, changes: TagChanges): Promise<Tag> {
    return this.#change(name, (tag) => updated(tag, version, changes))
  }

  raise(name: TagName, above: bigint): Promise<Tag> {
    return this.#change(name, (tag) => raised(tag, above))
  }

  freeze(name: TagName): Promise<Tag> {
    return this.#change(name, frozen)
  }

  unfreeze(name: TagName): Promise<Tag> {
    return this.#change(name, unfrozen)
  }

  freezeBehind(name: TagName, above: bigint, generation: bigint): Promise<Tag | undefined> {
    return this.#transaction(async (session) => {
      const freeze = (tag: Tag) => frozenBehind(tag, above, generation)
      const tag = await this.#changeIfThere(session, name, freeze)
      if (tag === undefined) await this.#proveWritable(session)
      return tag
    })
  }

  delete(name: TagName): Promise<void> {
    return this.#transaction(async (session) => {
      const statements = this.#statements(session)
      const locked = await statements.lock(name)
      if (!locked.tag) throw tagNotFound(name)
      await statements.delete(locked, deleted(locked.tag))
    })
  }

  #change(name: TagName, change: (tag: Tag) => Tag): Promise<Tag> {
    return this.#transaction(async (session) => {
      const tag = await this.#changeIfThere(session, name, change)
      if (tag === undefined) throw tagNotFound(name)
      return tag
    })
  }

  async #changeIfThere(
    session: Session,
    name: TagName,
    change: (tag: Tag) => Tag,
  ): Promise<Tag | undefined> {
    const statements = this.#statements(session)
    const locked = await statements.lock(name)
    if (!locked.tag) return undefined
    const after = change(locked.tag)
    if (after !== locked.tag) await statements.change(locked, after)
    return after
  }

  /** The database may find names that only look alike to it; the result holds none of these. */
  async #select(session: Session, names: readonly TagName[]): Promise<Map<TagName, Tag>> {
    if (names.length === 0) return new Map()
    const marks = names.map(() => '?').join(', ')
    const sql = tagRows(this.#database.dialect, (name) => `${name} IN (${marks})`)
    const { rows } = await session.run(sql, [...names, ...names])
    const wanted = new Set(names)
    return new Map([...tagsFrom(rows)].filter(([name]) => wanted.has(name)))
  }

  /** A node that was cut off from its cluster cannot commit this; so nothing it says is believed. */
  async #proveWritable(session: Session): Promise<void> {
    // It has to change something each time: a write that changes nothing proves nothing.
    this.#lastSeenMs = Math.max(this.#clock.nowMs(), this.#lastSeenMs + 1)
    const { name, address } = this.#instance
    await session.run('REPLACE INTO leaf_instance (name, address, last_seen) VALUES (?, ?, ?)', [
      name,
      address,
      String(this.#lastSeenMs),
    ])
  }

  async #page(session: Session, after: string, limit: number) {
    const { dialect } = this.#database
    const ordered = (name: string) => `ORDER BY ${bytesOf(name, dialect)} LIMIT ?`
    const rows = tagRows(
      dialect,
      (name) => `${bytesOf(name, dialect)} > ${bytesOf('?', dialect)} ${ordered(name)}`,
    )
    const sql = `SELECT * FROM (${rows}) AS tags ${ordered('biz_tag')}`
    return (await session.run(sql, [after, limit, after, limit, limit])).rows
  }

  #statements(session: Session): TagStatements {
    return new TagStatements(session, this.#database.dialect)
  }

  #transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#run((session) => session.transaction(() => work(session)))
  }
}
