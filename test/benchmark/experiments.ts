import type { Experiment } from './experiment.ts'
import { clientWays } from './experiments/client-ways.ts'
import { counts } from './experiments/counts.ts'
import { database } from './experiments/database.ts'
import { fiftyThousand } from './experiments/fifty-thousand.ts'
import { growthConnections } from './experiments/growth-connections.ts'
import { growthTags } from './experiments/growth-tags.ts'
import { growthWorkers } from './experiments/growth-workers.ts'
import { http } from './experiments/http.ts'
import { inProcess } from './experiments/in-process.ts'
import { start } from './experiments/start.ts'
import { unaryGrpc } from './experiments/unary-grpc.ts'

/** All of them, in the order in which they run and are shown. */
export const EXPERIMENTS: readonly Experiment[] = [
  unaryGrpc,
  http,
  clientWays,
  inProcess,
  counts,
  database,
  growthTags,
  growthConnections,
  growthWorkers,
  start,
  fiftyThousand,
]
