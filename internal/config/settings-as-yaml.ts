import { stringify } from 'yaml'
import { SETTINGS } from './setting.ts'
import type { Settings } from './settings.ts'

const HEADER = `# The settings of Goloves. Each can also be given in the environment, as GOLOVES_ and its path in
# capitals (grpc.maxMessageBytes: GOLOVES_GRPC_MAX_MESSAGE_BYTES), or as a flag
# (--grpc-max-message-bytes). A flag beats the environment, which beats this file.
`

/** Settings as a settings file that explains itself. Shows every value: see `redacted`. */
export function settingsAsYaml(settings: Settings): string {
  const sections = Object.entries(settings).map(
    ([section, values]) => `${section}:\n${sectionAsYaml(section, values)}`,
  )
  return [HEADER, ...sections].join('\n')
}

function sectionAsYaml(section: string, values: Readonly<Record<string, unknown>>): string {
  return SETTINGS.filter((setting) => setting.section === section)
    .map(
      ({ name, sentence, allowed }) =>
        `  # ${sentence}\n  # Allowed: ${allowed}.\n  ${line(name, values[name])}`,
    )
    .join('')
}

function line(name: string, value: unknown): string {
  return stringify({ [name]: value }, { lineWidth: 0 })
}
