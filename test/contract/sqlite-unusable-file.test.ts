import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { migrate } from '../../internal/repository/migration.ts'
import { openDatabase } from '../support/store-rig.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goloves-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

test.each([
  [
    'that is no database',
    (path: string) => writeFileSync(path, 'x'.repeat(1000)),
    'not a database',
  ],
  ['that is a folder', (path: string) => mkdirSync(path), 'unable to open database file'],
])(
  'a file %s is a store that is unavailable, and whoever runs it is told',
  async (_, make, why) => {
    const path = join(folder, 'ids.db')
    make(path)
    const database = openDatabase(`sqlite:${path}`)
    const created = migrate(database, AbortSignal.timeout(5_000))
    await created.catch(() => {})
    await database.close()
    await expect(created).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { message: expect.stringMatching(`^${path} can't be used: .*${why}`) },
    })
  },
)
