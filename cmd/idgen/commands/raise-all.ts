import type { Settings } from '../../../internal/config/settings.ts'
import { storeName } from '../../../internal/config/store-url.ts'
import { SKEW_MAX_MS } from '../../../internal/domain/generator/trusted-survey.ts'
import { Store } from '../../../internal/repository/store.ts'
import type { TagRaise } from '../../../internal/repository/tag/raise-all.ts'
import type { ServerCommand } from '../command-context.ts'
import { buildContainer } from '../container.ts'
import { reasonsOf } from '../reasons.ts'

/** `idgen tag raise --all --by N`: a line for each tag. It fails in the end if one was not raised. */
export function raiseAllBy(by: string): ServerCommand {
  return async (settings, machine, print) => {
    const store = buildContainer(settings, machine).get(Store)
    try {
      // Others than this one need not be told where the store is: they ask the service.
      print(`store: ${storeName(settings.store.url)}`)
      await store.check()
      let count = 0
      let failures = 0
      for await (const raise of store.raiseAll(BigInt(by))) {
        if (count === 0) print(['tag', 'before', 'now', 'note'].join('\t'))
        count += 1
        if ('error' in raise) failures += 1
        print(cellsOf(raise).join('\t'))
      }
      print(`tags raised: ${count - failures} of ${count}`)
      print(`worker ids: none is leased anew in the next ${newLeaseS(settings)} s`)
      if (failures > 0) throw new Error(`Not raised: ${failures} of ${count} tags.`)
    } finally {
      await store.close()
    }
  }
}

function cellsOf(raise: TagRaise): string[] {
  const { tag } = raise
  if ('error' in raise)
    return [tag, '', '', `not raised, ${raise.error.code}: ${reasonsOf(raise.error)}`]
  const notes = [raise.isDeleted && 'deleted', raise.isFrozen && 'still frozen']
  return [tag, String(raise.before), String(raise.now), notes.filter(Boolean).join(', ')]
}

function newLeaseS({ worker }: Settings): number {
  return Math.ceil((worker.leaseMs + 2 * SKEW_MAX_MS) / 1000)
}
