import type { Settings } from '../../../internal/config/settings.ts'
import { parseStoreUrl } from '../../../internal/config/store-url.ts'
import { GeneratorRegistry } from '../../../internal/domain/generator/generator-registry.ts'
import { Ledger } from '../../../internal/domain/generator/ledger.ts'
import { Store } from '../../../internal/repository/store.ts'
import { NextId } from '../../../internal/usecase/idgen/next-id.ts'
import { CreateTag } from '../../../internal/usecase/tag/create-tag.ts'
import { GetTag } from '../../../internal/usecase/tag/get-tag.ts'
import type { Clock } from '../../../pkg/clock/clock.ts'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import { buildContainer } from '../container.ts'
import type { Machine } from '../machine.ts'
import { prepareStore } from '../prepare-store.ts'
import { ProgressLine } from '../progress-line.ts'

const TAG = 'order-service'
const CALLERS = 10
const IDS_PER_CALLER = 500
const PATIENCE_MS = 10_000
/** How often a terminal is told how far it is. */
const PROGRESS_MS = 100

/** What it is that each kind of store counts. */
const COUNTED = { mysql: 'UPDATE statements', sqlite: 'rows changed' } as const

/**
 * The seed's demonstration, on the store of the settings and without a server: 10 callers take 500
 * ids each, and the database is asked what that cost it.
 *
 * @throws as `prepareStore`; Error if an id was seen twice.
 */
export async function demo(
  settings: Settings,
  machine: Machine,
  print: (line: string) => void,
  progress = new ProgressLine(),
): Promise<void> {
  const { kind } = parseStoreUrl(settings.store.url)
  const container = buildContainer(settings, machine)
  const store = container.get(Store)
  try {
    progress.show('Preparing the store...')
    await prepareStore(store, settings, machine.logger)
    const getTag = container.get(GetTag)
    await ensureTag(getTag, container.get(CreateTag))
    const maxIdBefore = (await getTag.execute(TAG)).maxId
    const updatesBefore = await store.countUpdates()
    const { ids, ms } = await takeAll(container.get(NextId), machine.clock, progress)
    const updates = (await store.countUpdates()) - updatesBefore
    const { maxId } = await getTag.execute(TAG)
    print(`Total time: ${ms.toFixed(2)} ms for ${ids.length} ids by ${CALLERS} callers`)
    print(`Distinct ids: ${new Set(ids).size}`)
    print(`max_id of ${TAG}: ${maxIdBefore} before, ${maxId} after`)
    print(`Lease statements the database counted: ${updates} (${COUNTED[kind]})`)
    if (new Set(ids).size !== ids.length) throw new Error('An id was handed out twice.')
  } finally {
    progress.clear()
    container.get(GeneratorRegistry).close(shuttingDown(0))
    await container.get(Ledger).close()
    await store.close()
  }
}

/** The seed's row, where the store has none. */
async function ensureTag(getTag: GetTag, createTag: CreateTag): Promise<void> {
  try {
    await getTag.execute(TAG)
  } catch (error) {
    if (GolovesError.from(error).code !== 'TAG_NOT_FOUND') throw error
    await createTag.execute({ tag: TAG, step: 1000, maxId: 1n, description: 'Test Order IDs' })
  }
}

async function takeAll(
  nextId: NextId,
  clock: Clock,
  progress: ProgressLine,
): Promise<{ ids: bigint[]; ms: number }> {
  const begunMs = clock.monotonicMs()
  const caller = { deadlineMs: begunMs + PATIENCE_MS, onLeave: () => {} }
  const ids: bigint[] = []
  const take = async () => {
    for (let n = 0; n < IDS_PER_CALLER; n++) ids.push(await nextId.execute(TAG, caller))
  }
  let callOff = () => {}
  const tell = () => {
    progress.show(`${ids.length} of ${CALLERS * IDS_PER_CALLER} ids`)
    callOff = clock.after(PROGRESS_MS, tell)
  }
  tell()
  try {
    await Promise.all(Array.from({ length: CALLERS }, take))
    return { ids, ms: clock.monotonicMs() - begunMs }
  } finally {
    callOff()
    progress.clear()
  }
}
