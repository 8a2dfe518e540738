import { sqliteWorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'

workerRepositoryContract('sqlite', sqliteWorkerRig)
