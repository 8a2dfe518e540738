import { memoryRestRig } from '../support/rest-rig.ts'
import { restRepositoryContract } from './rest-repository.contract.ts'

restRepositoryContract('memory', memoryRestRig)
