import 'reflect-metadata'
import cluster from 'node:cluster'
import { CommanderError } from 'commander'
import { SettingsError } from '../../internal/config/load-settings.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { buildProgram } from './program.ts'
import { reasonsOf } from './reasons.ts'

const FAILED = 1
const WRONG_USAGE = 2

if (cluster.isWorker) {
  const { serveAsWorker } = await import('./cluster/serve-as-worker.ts')
  process.exit(await serveAsWorker())
}
process.exitCode = await main()

async function main(): Promise<number> {
  // Whoever reads the output may stop reading: `idgen next order-service --count 1000 | head -1`.
  process.stdout.on('error', () => process.exit(FAILED))
  const program = buildProgram({
    env: process.env,
    clock: new SystemClock(),
    print: (line) => process.stdout.write(`${line}\n`),
  })
  try {
    await program.parseAsync()
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE
    process.stderr.write(`${reasonsOf(error)}\n`)
    return error instanceof SettingsError ? WRONG_USAGE : FAILED
  }
}
