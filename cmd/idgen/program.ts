import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { loadSettings } from '../../internal/config/load-settings.ts'
import { SETTINGS } from '../../internal/config/setting.ts'
import type { Settings } from '../../internal/config/settings.ts'
import { openLog } from '../../internal/telemetry/logger.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { ServiceClient } from './client.ts'
import type { CommandContext } from './command-context.ts'
import { addConfig } from './commands/config.ts'
import { addDecode } from './commands/decode.ts'
import { addHealth } from './commands/health.ts'
import { addNext } from './commands/next.ts'
import { addTag } from './commands/tag.ts'
import { thisMachine } from './machine.ts'
import { version } from './package-files.ts'

/** What the program takes from the process that it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly print: (line: string) => void
}

/**
 * The command line: every command, and every setting as a flag that each command takes. Parsing
 * wrong usage, and printing help, throw a CommanderError once all is said.
 */
export function buildProgram(surroundings: Surroundings): Command {
  const program = new Command('idgen')
    .exitOverride()
    .description(
      'Hands out 64-bit ids that are never handed out twice. Without a command it serves.',
    )
    .usage('[command] [options]')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'print this')
    .option('--config <file>', 'a YAML file of settings (GOLOVES_CONFIG)')
    .optionsGroup('Settings (each also in the environment, --grpc-port as GOLOVES_GRPC_PORT):')
  for (const { flag, sentence } of SETTINGS) program.option(`${flag} <value>`, sentence)
  const context = contextOf(program, surroundings)
  addServer(program, context)
  addNext(program, context)
  addDecode(program, context)
  addTag(program, context)
  addHealth(program, context)
  addConfig(program, context)
  return program
}

/** The commands that are the service themselves; what they need is loaded only for them. */
function addServer(program: Command, { withoutService }: CommandContext): void {
  const serve = () => withoutService(async () => (await import('./commands/serve.ts')).serve)
  program.argument('[command]').action(async (unknown?: string) => {
    if (unknown !== undefined) program.error(`error: unknown command '${unknown}'`)
    await serve()
  })
  program.command('serve').description('serve over gRPC and HTTP').action(serve)
  program
    .command('migrate')
    .description('create what is missing of the tables; safe to run several times at once')
    .action(() => withoutService(async () => (await import('./commands/migrate.ts')).migrate))
  program
    .command('demo')
    .description(
      'time 10 callers who take 500 ids each from order-service, in the store of the settings',
    )
    .action(() => withoutService(async () => (await import('./commands/demo.ts')).demo))
}

function contextOf(program: Command, { env, clock, print }: Surroundings): CommandContext {
  const settings = () => settingsOf(program, env)
  return {
    settings,
    print,
    withService: async (work) => {
      const service = new ServiceClient(settings(), clock)
      try {
        return await work(service)
      } finally {
        service.close()
      }
    },
    withoutService: async (load) => {
      const inForce = settings()
      const command = await load()
      await command(inForce, thisMachine(openLog(inForce.log.level)), print)
    },
  }
}

function settingsOf(program: Command, env: Surroundings['env']): Settings {
  const flags = SETTINGS.flatMap(({ flag }): [string, string][] => {
    const value = given(program, flag)
    return value === undefined ? [] : [[flag, value]]
  })
  return loadSettings({
    flags: Object.fromEntries(flags),
    env,
    config: given(program, '--config'),
    readFile: (path) => readFileSync(path, 'utf8'),
  })
}

function given(program: Command, flag: string): string | undefined {
  const value: unknown = program.getOptionValue(new Option(flag).attributeName())
  return typeof value === 'string' ? value : undefined
}
