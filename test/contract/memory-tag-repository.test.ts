import { memoryRig } from '../support/store-rig.ts'
import { tagRepositoryContract } from './tag-repository.contract.ts'

tagRepositoryContract('memory', memoryRig)
