import { sqliteRestRig } from '../support/rest-rig.ts'
import { restRepositoryContract } from './rest-repository.contract.ts'

restRepositoryContract('sqlite', sqliteRestRig)
