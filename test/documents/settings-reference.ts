import { loadSettings } from '../../internal/config/load-settings.ts'
import { SETTINGS, type Setting } from '../../internal/config/setting.ts'
import type { Settings } from '../../internal/config/settings.ts'
import { blocks, code, table } from './markdown.ts'

const HEAD = `# Settings

Defaults < YAML file (\`--config FILE\`, \`GOLOVES_CONFIG\`) < environment < flags. Every command of \`idgen\` takes
them; \`idgen config\` prints those in force, as such a file. All names that are no setting and all values that are
not allowed are told together, and nothing starts.

A name ends in the unit of its value: \`Ms\` milliseconds, \`S\` seconds, \`Bytes\`, \`Percent\`, \`days\`. In a file
\`grpc.port\` is \`port\` below \`grpc\` ([configs/default.yaml](../configs/default.yaml)).`

/** The settings with no source but the defaults. */
export function defaultSettings(): Settings {
  const readFile = (path: string): never => {
    throw new Error(`Nobody named ${path}.`)
  }
  return loadSettings({ flags: {}, env: {}, config: undefined, readFile })
}

/** Every setting by all its names, with its default, its limits and its meaning. */
export function settingsReference(): string {
  const defaults = defaultsByPath(defaultSettings())
  const sections = [...Map.groupBy(SETTINGS, ({ section }) => section)].map(([section, settings]) =>
    blocks(
      `## ${section ?? 'In no section'}`,
      table(
        ['setting', 'default', 'allowed', 'what it does'],
        settings.map((setting) => rowOf(setting, defaults)),
      ),
    ),
  )
  return blocks(HEAD, ...sections)
}

function rowOf(setting: Setting, defaults: ReadonlyMap<string, unknown>): string[] {
  const { path, variable, flag, sentence, allowed, secret } = setting
  const names = [path, variable, flag].map(code).join('<br>')
  const fromFile = `A secret: ${code(`${variable}_FILE`)} names a file to read it from.`
  return [
    names,
    code(String(defaults.get(path))),
    allowed,
    secret ? `${sentence} ${fromFile}` : sentence,
  ]
}

function defaultsByPath(settings: Settings): Map<string, unknown> {
  return new Map(
    Object.entries(settings).flatMap(([key, value]): [string, unknown][] =>
      typeof value === 'object'
        ? Object.entries(value).map(([name, leaf]) => [`${key}.${name}`, leaf])
        : [[key, value]],
    ),
  )
}
