import { parse } from 'yaml'
import { SETTINGS, type Setting } from './setting.ts'
import { type Settings, settingsSchema } from './settings.ts'

/** Where settings come from, the weakest first: defaults, `config`, `env`, `flags`. */
export interface SettingSources {
  /** The values given on the command line, by flag: `{ '--grpc-port': '0' }`. */
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** The path of the YAML file, if one was named by `--config`; else `GOLOVES_CONFIG` may. */
  readonly config: string | undefined
  /** Reads a whole file as text, or throws. */
  readonly readFile: (path: string) => string
}

/** Settings that can't be used. Its message lists every fault, one per line. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'

  constructor(faults: readonly string[]) {
    super(['The settings are wrong:', ...faults.map((fault) => `  - ${fault}`)].join('\n'))
  }
}

/** A value as one source gives it. */
interface Given {
  readonly setting: Setting
  /** The name by which it was given, for the faults. */
  readonly by: string
  readonly value: unknown
}

const CONFIG = 'GOLOVES_CONFIG'
const FILE_SUFFIX = '_FILE'
const TEST_PREFIX = 'GOLOVES_TEST_'

/**
 * The settings in force. A value in a stronger source replaces one in a weaker; each is checked all
 * the same, so that a wrong one doesn't lie in wait.
 *
 * @throws SettingsError listing every unknown name, unreadable file and wrong value at once.
 */
export function loadSettings({ flags, env, config, readFile }: SettingSources): Settings {
  const faults: string[] = []
  const path = config ?? env[CONFIG]
  const given = [
    ...(path === undefined ? [] : fromFile(path, readFile, faults)),
    ...fromEnvironment(env, readFile, faults),
    ...fromFlags(flags, faults),
  ]
  const wrong = given.filter(isWrong)
  const settings = together(given.filter((value) => !wrong.includes(value)))
  faults.push(...wrong.map(described))
  faults.push(...misfits(settings, wrong))
  if (faults.length > 0) throw new SettingsError(faults)
  return settings
}

function fromFlags(flags: SettingSources['flags'], faults: string[]): Given[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    const setting = SETTINGS.find((known) => known.flag === flag)
    if (setting !== undefined) return [{ setting, by: flag, value }]
    faults.push(`${flag} is no setting.`)
    return []
  })
}

function fromEnvironment(
  env: SettingSources['env'],
  readFile: SettingSources['readFile'],
  faults: string[],
): Given[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || !isOurs(name)) return []
    const direct = SETTINGS.find(({ variable }) => variable === name)
    if (direct !== undefined) return [{ setting: direct, by: name, value }]
    const setting = SETTINGS.find(
      ({ secret, variable }) => secret && variable + FILE_SUFFIX === name,
    )
    if (setting === undefined) faults.push(`${name} is no setting.`)
    else if (env[setting.variable] !== undefined) {
      faults.push(`${name} and ${setting.variable} are both set; one of them is enough.`)
    } else {
      const secret = read(value, name, readFile, faults)
      if (secret !== undefined) return [{ setting, by: name, value: secret.trim() }]
    }
    return []
  })
}

function isOurs(name: string): boolean {
  return name.startsWith('GOLOVES_') && name !== CONFIG && !name.startsWith(TEST_PREFIX)
}

function fromFile(path: string, readFile: SettingSources['readFile'], faults: string[]): Given[] {
  const text = read(path, 'the settings file', readFile, faults)
  if (text === undefined) return []
  return entriesOf(parseYaml(text, path, faults), path, faults).flatMap(([key, value]) => {
    const isSection = SETTINGS.some(({ section }) => section === key)
    const entries: [string, unknown][] = isSection
      ? entriesOf(value, `${key} in ${path}`, faults).map(([name, own]) => [`${key}.${name}`, own])
      : [[key, value]]
    return entries.flatMap(([place, own]) => {
      const by = `${place} in ${path}`
      const setting = SETTINGS.find((known) => known.path === place)
      if (setting !== undefined) return [{ setting, by, value: own }]
      faults.push(`${by} is no setting.`)
      return []
    })
  })
}

function read(
  path: string,
  what: string,
  readFile: SettingSources['readFile'],
  faults: string[],
): string | undefined {
  try {
    return readFile(path)
  } catch (error) {
    faults.push(`${what}: ${path} can't be read: ${messageOf(error)}`)
    return undefined
  }
}

function parseYaml(text: string, path: string, faults: string[]): unknown {
  try {
    return parse(text)
  } catch (error) {
    faults.push(`${path} is no YAML: ${messageOf(error)}`)
    return undefined
  }
}

/** The entries of a mapping. One whose lines are all commented out is null, and empty. */
function entriesOf(value: unknown, what: string, faults: string[]): [string, unknown][] {
  if (value === null || value === undefined) return []
  if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value)
  faults.push(`${what} must be a mapping of names to values.`)
  return []
}

function isWrong({ setting, value }: Given): boolean {
  return value === undefined || !setting.schema.safeParse(value).success
}

function described({ setting, by, value }: Given): string {
  const shown = setting.secret ? 'what is given (hidden)' : JSON.stringify(value)
  return `${by}: ${shown} is not ${setting.allowed}.`
}

/** Later values replace earlier ones. */
function together(given: readonly Given[]): Settings {
  const inSection = (section: string | undefined) => {
    const own = given.filter(({ setting }) => setting.section === section)
    return Object.fromEntries(own.map(({ setting, value }) => [setting.name, value]))
  }
  const sections = SETTINGS.flatMap(({ section }) => section ?? [])
  const tree = Object.fromEntries(sections.map((section) => [section, inSection(section)]))
  return settingsSchema.parse({ ...inSection(undefined), ...tree })
}

/** What does not fit each other. Nothing is measured against what stands in for a wrong value. */
function misfits({ workers, worker, deadline }: Settings, wrong: readonly Given[]): string[] {
  const areRight = (...paths: string[]) =>
    !wrong.some(({ setting }) => paths.includes(setting.path))
  const { defaultMs, maxMs } = deadline
  const faults = []
  if (areRight('deadline.defaultMs', 'deadline.maxMs') && defaultMs > maxMs) {
    faults.push(`deadline.defaultMs: ${defaultMs} is above deadline.maxMs: ${maxMs}.`)
  }
  // Whether auto comes to one depends on the machine, and what is right must not.
  if (areRight('worker.id', 'workers') && worker.id !== 'auto' && workers !== 1) {
    faults.push(
      `worker.id: ${worker.id} is one worker id, and each of workers: ${workers} needs its own.`,
    )
  }
  return faults
}

/** The first line only: the parser's next ones quote the file, and a secret may stand there. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1).join()
}
