import { stringify } from 'yaml'
import { SETTINGS } from './setting.ts'
import type { Settings } from './settings.ts'

const HEADER = `# The settings of Goloves. Each can also be given in the environment, as GOLOVES_ and its path in
# capitals (grpc.maxMessageBytes: GOLOVES_GRPC_MAX_MESSAGE_BYTES), or as a flag
# (--grpc-max-message-bytes). A flag beats the environment, which beats this file.
`

/** Settings as a settings file that explains itself. Shows every value: see `redacted`. */
export function settingsAsYaml(settings: Settings): string {
  const parts = Object.entries(settings).map(([key, value]) =>
    typeof value === 'object'
      ? `${key}:\n${sectionAsYaml(key, value)}`
      : settingAsYaml(key, value, ''),
  )
  return [HEADER, ...parts].join('\n')
}

function sectionAsYaml(section: string, values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => settingAsYaml(`${section}.${name}`, value, '  '))
    .join('')
}

function settingAsYaml(path: string, value: unknown, indent: string): string {
  const setting = SETTINGS.find((known) => known.path === path)
  if (setting === undefined) throw new Error(`${path} is no setting.`)
  const { name, sentence, allowed } = setting
  const lines = [`# ${sentence}`, `# Allowed: ${allowed}.`, line(name, value)]
  return lines.map((text) => indent + text).join('\n')
}

function line(name: string, value: unknown): string {
  return stringify({ [name]: value }, { lineWidth: 0 })
}
