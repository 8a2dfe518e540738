import { mysqlRestRig } from '../support/rest-rig.ts'
import { restRepositoryContract } from './rest-repository.contract.ts'

restRepositoryContract('mysql', mysqlRestRig)
