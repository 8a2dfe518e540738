import { startGroupReplication } from './group-replication.ts'
import { passesContracts } from './passes-contracts.ts'
import { startedEngine } from './started-engine.ts'
import { survivesFailures } from './survives-failures.ts'

const engine = startedEngine(startGroupReplication)

passesContracts(engine)
survivesFailures(engine, '--worker-lease-ms', '50000')
