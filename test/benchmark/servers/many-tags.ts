import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { buildContainer } from '../../../cmd/idgen/container.ts'
import { thisMachine } from '../../../cmd/idgen/machine.ts'
import { Service } from '../../../cmd/idgen/server.ts'
import { loadSettings } from '../../../internal/config/load-settings.ts'
import { parseTagName } from '../../../internal/domain/entity/tag.ts'
import { GeneratorRegistry } from '../../../internal/domain/generator/generator-registry.ts'
import { LedgerRepository } from '../../../internal/domain/generator/ledger-repository.ts'
import { RestRepository } from '../../../internal/domain/generator/rest-repository.ts'
import { SegmentRepository } from '../../../internal/domain/generator/segment-repository.ts'
import { TagRepository } from '../../../internal/domain/generator/tag-repository.ts'
import { MemoryStore } from '../../../internal/repository/memory-store.ts'
import { MemoryRestRepository } from '../../../internal/repository/rest/memory-rest-repository.ts'
import { MemorySegmentRepository } from '../../../internal/repository/segment/memory-segment-repository.ts'
import { MemoryTagRepository } from '../../../internal/repository/tag/memory-tag-repository.ts'
import { openLog } from '../../../internal/telemetry/logger.ts'
import { NextId } from '../../../internal/usecase/idgen/next-id.ts'
import { TestCaller } from '../../support/test-caller.ts'
import { liveTag } from '../run/live-tags.ts'

// node --expose-gc many-tags.ts COUNT: the whole service with so many live tags, each of which was asked
// once. Their rows and leases are in memory, since a database takes a millisecond or two for each. It says
// what so many of them take in memory, step by step, and serves until it is ended.

const OPENED_AT_ONCE = 500
const STEPS = 10
const PATIENCE_MS = 60_000

/** A ledger is no part of what a live tag holds. */
class BlankLedger extends LedgerRepository {
  override append = async () => {}
  override find = async () => undefined
  override prune = async () => false
}

const count = Number(process.argv[2])
const machine = thisMachine(openLog('warn'))
const flags = { '--grpc-port': '0', '--http-port': '0' }
const settings = loadSettings({
  flags,
  env: {},
  config: undefined,
  readFile: (path) => readFileSync(path, 'utf8'),
})
const container = buildContainer(settings, machine)
const store = new MemoryStore()
container.rebind(SegmentRepository).toConstantValue(new MemorySegmentRepository(store))
container.rebind(TagRepository).toConstantValue(new MemoryTagRepository(store))
container
  .rebind(RestRepository)
  .toConstantValue(new MemoryRestRepository(store, machine.instance, () => machine.clock.nowMs()))
container.rebind(LedgerRepository).toConstantValue(new BlankLedger())
const names = Array.from({ length: count }, (_, number) => parseTagName(liveTag(number)))
for (const name of names) store.allocs.set(name, { maxId: 0n, step: 1000, description: '' })

const service = container.get(Service)
const { grpc } = await service.start()
await service.ready
const registry = container.get(GeneratorRegistry)
const before = memory()
const steps: object[] = []
let live = 0
for (let step = 1; step <= STEPS; step++) {
  for (const end = Math.ceil((count * step) / STEPS); live < end; live += OPENED_AT_ONCE) {
    await Promise.all(names.slice(live, Math.min(end, live + OPENED_AT_ONCE)).map(ask))
  }
  live = Math.ceil((count * step) / STEPS)
  while (!names.slice(0, live).every((name) => registry.live(name)?.isIdle)) await nextTurn()
  await registry.refresh()
  const { heap, rss } = memory()
  steps.push({ tags: live, heap: heap - before.heap, rss: rss - before.rss })
}
process.stdout.write(`${JSON.stringify({ port: grpc, steps })}\n`)

function ask(name: string): bigint | Promise<bigint> {
  return container.get(NextId).execute(name, new TestCaller(machine.clock, PATIENCE_MS))
}

/** In bytes. */
function memory() {
  if (globalThis.gc === undefined) throw new Error('This needs --expose-gc.')
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}
