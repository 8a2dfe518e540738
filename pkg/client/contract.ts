import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'

const PROTO_FOLDER = join('api', 'proto')

/** A call of `IdService`: where it goes, and how its messages are written and read. */
export type IdMethod = MethodDefinition<object, object>

export interface IdMethods {
  readonly nextIds: IdMethod
  readonly decodeId: IdMethod
}

let loaded: IdMethods | undefined

/**
 * The calls of `IdService`, as its contract has them; 64 bits are read as decimal text, for a number
 * would give two ids one value.
 *
 * @throws Error if the contract is not in the package.
 */
export function idMethods(): IdMethods {
  loaded ??= load()
  return loaded
}

function load(): IdMethods {
  const includeDirs = [protoFolder(import.meta.dirname)]
  const options = { includeDirs, longs: String, defaults: true }
  const service = loadSync('goloves/v1/id_service.proto', options)['goloves.v1.IdService'] ?? {}
  const methods = new Map<string, unknown>(Object.entries(service))
  const method = (name: string) => {
    const found = methods.get(name)
    if (!isMethod(found)) throw new Error(`The contract has no ${name}.`)
    return found
  }
  return { nextIds: method('NextIds'), decodeId: method('DecodeId') }
}

/** Sources, and what is built from them, lie at different depths in their package. */
function protoFolder(folder: string): string {
  if (existsSync(join(folder, PROTO_FOLDER))) return join(folder, PROTO_FOLDER)
  if (folder === dirname(folder)) throw new Error(`The package has no ${PROTO_FOLDER}.`)
  return protoFolder(dirname(folder))
}

function isMethod(value: unknown): value is IdMethod {
  return typeof value === 'object' && value !== null && 'requestSerialize' in value
}
