import * as processes from './process-alerts.ts'
import { Site } from './site.ts'
import * as tags from './tag-alerts.ts'
import { chapter } from './walk.ts'

chapter('Before you begin', {
  'Before you begin': async (walk) => {
    const site = await Site.migrated()
    await site.serve()
    await walk.run(site)
    expect(await walk.run(site)).toMatch(/^ *url: .*mysql:.*idgen\/main/ms)
  },
})

chapter('Alerts', {
  GolovesDown: processes.down,
  GolovesStoreDown: tags.storeDown,
  GolovesIdsRunningOut: tags.idsRunningOut,
  GolovesTagNearItsEnd: tags.tagNearItsEnd,
  GolovesStoreWentBackwards: tags.storeWentBackwards,
  GolovesTagFrozen: tags.tagFrozen,
  GolovesWorkerPoolFull: processes.workerPoolFull,
  GolovesWorkerLeaseAtRisk: tags.workerLeaseAtRisk,
  GolovesClockStepped: processes.clockStepped,
  GolovesLayoutNearItsEnd: tags.layoutNearItsEnd,
  GolovesCallersRefused: tags.callersRefused,
  GolovesCallersWait: tags.callersWait,
  GolovesEventLoopDelayed: processes.eventLoopDelayed,
  GolovesMemoryHigh: processes.memoryHigh,
  GolovesWorkerProcessMissing: processes.workerProcessMissing,
})
