import { sqliteWorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'
import { surveysLargePools } from './worker-surveys.contract.ts'

workerRepositoryContract('sqlite', sqliteWorkerRig)
surveysLargePools('sqlite', sqliteWorkerRig)
