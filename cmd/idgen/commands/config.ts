import type { Command } from 'commander'
import { redacted } from '../../../internal/config/redacted.ts'
import { settingsAsYaml } from '../../../internal/config/settings-as-yaml.ts'
import type { CommandContext } from '../command-context.ts'

/** `idgen config`: the settings in force, as a settings file. */
export function addConfig(program: Command, { settings, print }: CommandContext): void {
  program
    .command('config')
    .description('print the settings in force, secrets hidden')
    .action(() => print(settingsAsYaml(redacted(settings())).trimEnd()))
}
