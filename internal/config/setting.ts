import { z } from 'zod'
import { about, settingsSchema } from './settings.ts'

/** One setting by all its names. */
export interface Setting {
  /** Where it stands in a file and in `Settings`: `grpc.maxMessageBytes`; in no section, `workers`. */
  readonly path: string
  readonly section: string | undefined
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
  ([key, schema]) =>
    schema instanceof z.ZodObject
      ? Object.entries(schema.shape).map(([name, leaf]) => setting(key, name, leaf))
      : [setting(undefined, key, schema)],
)

function setting(section: string | undefined, name: string, schema: z.ZodType): Setting {
  const path = section === undefined ? name : `${section}.${name}`
  const described = about.get(schema)
  if (described === undefined) throw new Error(`Nothing is said of ${path}.`)
  const words = path.split(/\.|(?=[A-Z])/).map((word) => word.toLowerCase())
  const variable = `GOLOVES_${words.join('_').toUpperCase()}`
  return { path, section, name, variable, flag: `--${words.join('-')}`, schema, ...described }
}
