import { mysqlWorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'

workerRepositoryContract('mysql', mysqlWorkerRig)
