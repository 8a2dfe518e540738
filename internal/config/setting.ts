import type { z } from 'zod'
import { about, settingsSchema } from './settings.ts'

/** One setting by all its names. */
export interface Setting {
  /** Where it stands in a file and in `Settings`: `grpc`, `maxMessageBytes`. */
  readonly section: string
  readonly name: string
  /** `GOLOVES_GRPC_MAX_MESSAGE_BYTES`. */
  readonly variable: string
  /** `--grpc-max-message-bytes`. */
  readonly flag: string
  readonly sentence: string
  readonly allowed: string
  readonly secret: boolean
  readonly schema: z.ZodType
}

/** Every setting, in the order of the schema. */
export const SETTINGS: readonly Setting[] = Object.entries(settingsSchema.shape).flatMap(
  ([section, { shape }]) =>
    Object.entries(shape).map(([name, schema]) => setting(section, name, schema)),
)

function setting(section: string, name: string, schema: z.ZodType): Setting {
  const described = about.get(schema)
  if (described === undefined) throw new Error(`Nothing is said of ${section}.${name}.`)
  const words = [section, ...name.split(/(?=[A-Z])/)].map((word) => word.toLowerCase())
  const variable = `GOLOVES_${words.join('_').toUpperCase()}`
  return { section, name, variable, flag: `--${words.join('-')}`, schema, ...described }
}
