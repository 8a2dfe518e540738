import { join } from 'node:path'
import { findProgram } from '../../support/find-program.ts'
import type { Bench } from './bench.ts'
import { pidOf } from './pid-of.ts'

/** A Redis of its own that writes nothing to disk. */
export interface RedisServer {
  /** The path of its Unix socket: there is none faster. */
  readonly socket: string
  readonly pid: number
}

/** Starts one, if this machine has it. It goes with the experiment. */
export async function startRedis(bench: Bench): Promise<RedisServer | undefined> {
  const program = findProgram('redis-server')
  if (program === undefined) return undefined
  const folder = bench.newFolder()
  const socket = join(folder, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no']
  const redis = bench.start(program, args, folder)
  await redis.said(/accept connections at/)
  return { socket, pid: pidOf(redis) }
}
