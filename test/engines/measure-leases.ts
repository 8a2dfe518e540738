import { parseTagName } from '../../internal/domain/entity/tag.ts'
import { migrate } from '../../internal/repository/migration.ts'
import { MysqlSegmentRepository } from '../../internal/repository/segment/mysql-segment-repository.ts'
import { KnexTagRepository } from '../../internal/repository/tag/knex-tag-repository.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { lease, requestFor } from '../contract/segment-repository.contract.ts'
import { newTag } from '../support/new-tag.ts'
import { openDatabase } from '../support/store-rig.ts'
import { type Engine, urlOf } from './engine.ts'

const TAG = 'measured'
const FOR_MS = 3_000

/** Says how many leases of one tag a second an engine gives, to one caller and to eight at once. */
export async function measureLeases(engine: Engine): Promise<void> {
  const database = openDatabase(urlOf(engine))
  await migrate(database, AbortSignal.timeout(20_000))
  const tags = new KnexTagRepository(database, new SystemClock(), { name: 'test', address: '' })
  await tags.create(newTag(TAG))
  const segments = new MysqlSegmentRepository(database, { warn: () => {} })

  const rates: string[] = []
  for (const callers of [1, 8]) {
    const endMs = performance.now() + FOR_MS
    let leases = 0
    const call = async () => {
      for (; performance.now() < endMs; leases += 1) await lease(segments, requestFor(TAG))
    }
    await Promise.all(Array.from({ length: callers }, call))
    rates.push(`${Math.round((leases * 1000) / FOR_MS)}/s to ${callers}`)
  }
  await tags.delete(parseTagName(TAG))
  await database.close()
  process.stdout.write(`${engine.name}: leases of one tag: ${rates.join(', ')}\n`)
}
