import 'reflect-metadata'
import { CommanderError } from 'commander'
import { SettingsError } from '../../internal/config/load-settings.ts'
import { SystemClock } from '../../pkg/clock/system-clock.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'
import { buildProgram } from './program.ts'

const FAILED = 1
const WRONG_USAGE = 2

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
    process.stderr.write(`${reasonsOf(error).join(' ')}\n`)
    return error instanceof SettingsError ? WRONG_USAGE : FAILED
  }
}

/** What went wrong and, where that is known, what that came from: an operator reads this. */
function reasonsOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [String(thrown)]
  const inner = thrown instanceof AggregateError ? thrown.errors : []
  const causes = thrown.cause === undefined ? inner : [thrown.cause]
  return [sentenceOf(thrown), ...causes.flatMap(reasonsOf)].filter((reason) => reason !== '')
}

function sentenceOf(error: Error): string {
  // A caller should try again; an operator is told what follows.
  const isStore = error instanceof GolovesError && error.code === 'STORE_UNAVAILABLE'
  if (isStore && error.cause !== undefined) return 'The store cannot be used:'
  // The driver's own words, without the statement that knex puts before them.
  return 'sqlMessage' in error ? String(error.sqlMessage) : error.message
}
