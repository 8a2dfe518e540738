import { mysqlWorkerRig } from '../support/worker-rig.ts'
import { workerRepositoryContract } from './worker-repository.contract.ts'
import { surveysLargePools } from './worker-surveys.contract.ts'

workerRepositoryContract('mysql', mysqlWorkerRig)
surveysLargePools('mysql', mysqlWorkerRig)
