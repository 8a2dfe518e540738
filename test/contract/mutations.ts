import type { Edit } from '../support/edits.ts'

/** A mistake that could be made in SQL, and the test that finds it. */
export interface Mutation {
  readonly name: string
  /** In the folder of this file. */
  readonly suite: string
  /** The names of the tests begin so, or hold it. */
  readonly finds: string
  readonly edits: readonly Edit[]
}

const DATABASE = 'internal/repository/database'
const SEGMENT = 'internal/repository/segment'
const TAG = 'internal/repository/tag'

/** Those mistakes of a store that a simulation on a store in memory can't see. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the step of the row as the size of a lease',
    suite: 'mysql-segment-repository.test.ts',
    finds: 'the caller, not the row, says that a lease is',
    edits: [
      {
        file: `${SEGMENT}/mysql-lease-statement.ts`,
        from: 'LAST_INSERT_ID(max_id + CAST(? AS SIGNED))',
        to: 'LAST_INSERT_ID(max_id + step + 0 * CAST(? AS SIGNED))',
      },
    ],
  },
  {
    name: 'a lease of a row whose step has changed since it was read',
    suite: 'mysql-segment-repository.test.ts',
    finds: 'a step that has changed leases nothing',
    edits: [
      {
        file: `${SEGMENT}/mysql-lease-statement.ts`,
        from: 'AND step = ?\n',
        to: 'AND 0 <> ?\n',
      },
    ],
  },
  {
    name: 'a lease by one who has not heard of a freeze or a raise',
    suite: 'mysql-segment-repository.test.ts',
    finds: 'a generation that has changed leases nothing',
    edits: [
      {
        file: `${TAG}/tag-columns.ts`,
        from: 't.biz_tag = ?), 0) = ',
        to: 't.biz_tag = ?), 0) >= ',
      },
    ],
  },
  {
    name: 'the insert id without a look at the changed rows',
    suite: 'mysql-hostile-server.test.ts',
    finds: 'a lease of nothing does not',
    edits: [
      {
        file: `${SEGMENT}/mysql-segment-repository.ts`,
        from: 'if (result.changed !== 1) return undefined',
        to: '',
      },
    ],
  },
  {
    name: 'a range that is used before its COMMIT',
    suite: 'mysql-broken-server.test.ts',
    finds: 'a transaction whose COMMIT is not answered is a failure',
    edits: [
      {
        file: `${SEGMENT}/transaction-segment-repository.ts`,
        from: `this.#database.run(signal, (session) =>
      session.transaction(() => update(session, request)),
    )`,
        to: `new Promise((resolve, reject) => {
      const used = async (session: Session) => resolve(await update(session, request))
      this.#database.run(signal, (session) => session.transaction(() => used(session))).catch(reject)
    })`,
      },
    ],
  },
  {
    name: 'autocommit as the server has it',
    suite: 'mysql-hostile-server.test.ts',
    finds: 'the session is set to what leases need',
    edits: [{ file: `${DATABASE}/mysql-database.ts`, from: "  ['autocommit', 1],\n", to: '' }],
  },
  {
    name: 'a freeze that is believed from a plain SELECT',
    suite: 'mysql-hostile-server.test.ts',
    finds: 'it is believed nothing',
    edits: [
      {
        file: `${TAG}/knex-tag-repository.ts`,
        from: '      await this.#proveWritable(session)\n      return await this.#select',
        to: '      return await this.#select',
      },
    ],
  },
  {
    name: 'names that are the same to the collation only',
    suite: 'mysql-tag-repository.test.ts',
    finds: 'of as many names as go together',
    edits: [
      {
        file: `${TAG}/knex-tag-repository.ts`,
        from: 'wanted.has(name)))',
        to: "wanted.has(name) || name !== ''))",
      },
    ],
  },
  {
    name: 'a tombstone that is written without the lock',
    suite: 'mysql-tag-repository.test.ts',
    finds: 'leases and raises at once never lower max_id',
    edits: [{ file: `${TAG}/tag-statements.ts`, from: "? 'FOR UPDATE' : ''", to: "? '' : ''" }],
  },
  {
    name: 'no look at the end of int64',
    suite: 'sqlite-segment-repository.test.ts',
    finds: 'the last id is exactly 2^63-1',
    edits: [
      {
        file: `${SEGMENT}/sqlite-segment-repository.ts`,
        from: "AND typeof(max_id) = 'integer' AND max_id BETWEEN 0 AND CAST(? AS INTEGER)",
        to: 'AND CAST(? AS INTEGER) IS NOT NULL',
      },
    ],
  },
  {
    name: 'a raise that lowers max_id when it is executed again',
    suite: 'executed-twice.test.ts',
    finds: 'changes nothing when it is executed again',
    edits: [
      {
        file: `${TAG}/tag-statements.ts`,
        from: ' AND max_id < CAST(? AS SIGNED INTEGER)`',
        to: ' AND ? IS NOT NULL`',
      },
    ],
  },
]
