import { afterAll, beforeAll } from '@jest/globals'
import type { Engine } from './engine.ts'

const START_LIMIT_MS = 240_000

/** An engine that runs for as long as the tests of a file do. @returns What gives it to them. */
export function startedEngine(start: () => Promise<Engine>): () => Engine {
  let engine: Engine | undefined
  beforeAll(async () => {
    engine = await start()
  }, START_LIMIT_MS)
  afterAll(async () => {
    await Promise.all(engine?.servers.map((server) => server.end()) ?? [])
  })
  return () => {
    if (engine === undefined) throw new Error('The engine did not start.')
    return engine
  }
}
