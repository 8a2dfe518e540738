import { mysqlTransactionRig } from '../support/store-rig.ts'
import { segmentRepositoryContract } from './segment-repository.contract.ts'

segmentRepositoryContract('mysql-transaction', mysqlTransactionRig)
