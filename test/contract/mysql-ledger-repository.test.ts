import { mysqlRestRig } from '../support/rest-rig.ts'
import { ledgerInstancesContract } from './ledger-instances.contract.ts'
import { ledgerRepositoryContract } from './ledger-repository.contract.ts'

ledgerRepositoryContract('mysql', mysqlRestRig)
ledgerInstancesContract('mysql', mysqlRestRig)
