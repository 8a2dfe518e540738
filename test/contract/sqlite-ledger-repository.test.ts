import { sqliteRestRig } from '../support/rest-rig.ts'
import { ledgerInstancesContract } from './ledger-instances.contract.ts'
import { ledgerRepositoryContract } from './ledger-repository.contract.ts'

ledgerRepositoryContract('sqlite', sqliteRestRig)
ledgerInstancesContract('sqlite', sqliteRestRig)
