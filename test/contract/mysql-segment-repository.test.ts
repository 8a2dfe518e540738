import { mysqlRig } from '../support/store-rig.ts'
import { segmentRepositoryContract } from './segment-repository.contract.ts'

segmentRepositoryContract('mysql', mysqlRig)
