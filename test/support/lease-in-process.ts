import { parseTagName } from '../../internal/domain/entity/tag.ts'
import { SqliteSegmentRepository } from '../../internal/repository/segment/sqlite-segment-repository.ts'
import { openDatabase } from './store-rig.ts'

// node lease-in-process.ts URL TAG TIMES: leases from an embedded store and prints the ranges as
// lines of OFFSET MAX_ID.

const [url = '', tag = '', times = '0'] = process.argv.slice(2)
const database = openDatabase(url)
const repository = new SqliteSegmentRepository(database)
const request = {
  tag: parseTagName(tag),
  size: 10n,
  knownStep: 10,
  generation: 0n,
  maxValue: 2n ** 63n - 1n,
}
for (let time = 0; time < Number(times); time += 1) {
  const leased = await repository.lease(request, AbortSignal.timeout(10_000))
  if (leased) process.stdout.write(`${leased.offset} ${leased.maxId}\n`)
}
await database.close()
