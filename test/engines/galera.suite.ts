import { startGalera } from './galera.ts'
import { passesContracts } from './passes-contracts.ts'
import { startedEngine } from './started-engine.ts'
import { survivesFailures } from './survives-failures.ts'

const engine = startedEngine(startGalera)

passesContracts(engine)
survivesFailures(engine)
