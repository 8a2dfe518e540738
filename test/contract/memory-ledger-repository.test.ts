import { memoryRestRig } from '../support/rest-rig.ts'
import { ledgerRepositoryContract } from './ledger-repository.contract.ts'

ledgerRepositoryContract('memory', memoryRestRig)
