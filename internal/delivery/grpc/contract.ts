import {
  loadSync,
  type MethodDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader'
import { protoPath as healthProto } from 'grpc-health-check'
import { requestInvalid, requestTooLarge } from '../../../pkg/errors/failures.ts'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'

/** The wire format of our services, read from the `.proto` files. */
export interface Contract {
  readonly idService: ServiceDefinition
  readonly tagService: ServiceDefinition
  /** All that reflection shows: our services and health. */
  readonly shown: PackageDefinition
}

/** A request as it arrived: what the method's type says, or why it cannot be read. */
export type Received<Request> = Request | GolovesError

/** The services that have a health of their own. */
export const SERVICES = ['goloves.v1.IdService', 'goloves.v1.TagService'] as const

/**
 * @param protoDir The directory that holds `goloves/v1`.
 * @param maxMessageBytes A longer request is read as REQUEST_TOO_LARGE.
 * @throws Error when the files are not there.
 */
export function loadContract(protoDir: string, maxMessageBytes: number): Contract {
  const shown = loadDefinitions(protoDir)
  const service = (name: (typeof SERVICES)[number]) =>
    forgiving(serviceOf(shown, name), maxMessageBytes)
  return {
    idService: service('goloves.v1.IdService'),
    tagService: service('goloves.v1.TagService'),
    shown,
  }
}

/**
 * Our services and health as the `.proto` files define them: numbers of 64 bits and enums are text.
 *
 * @param protoDir The directory that holds `goloves/v1`.
 * @throws Error when the files are not there.
 */
export function loadDefinitions(protoDir: string): PackageDefinition {
  const files = ['goloves/v1/id_service.proto', 'goloves/v1/tag_service.proto', healthProto]
  return loadSync(files, {
    includeDirs: [protoDir],
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  })
}

/** The paths of the calls that last for as long as their client likes. */
export function lastingPaths({ shown }: Contract): ReadonlySet<string> {
  const methods = Object.values(shown)
    .filter((definition) => !isMessage(definition))
    .flatMap((service) => Object.values(service))
  const lasting = methods.filter(
    ({ requestStream, responseStream }) => requestStream || responseStream,
  )
  return new Set(lasting.map(({ path }) => path))
}

function serviceOf(definitions: PackageDefinition, name: string): ServiceDefinition {
  const found = definitions[name]
  if (found === undefined || isMessage(found)) throw new Error(`The contract has no ${name}.`)
  return found
}

function isMessage(
  definition: PackageDefinition[string],
): definition is Exclude<PackageDefinition[string], ServiceDefinition> {
  return 'format' in definition && typeof definition.format === 'string'
}

/** A reader that throws would make grpc-js end the call with INTERNAL, and a whole stream with it. */
function forgiving(service: ServiceDefinition, maxBytes: number): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: received(method.requestDeserialize, maxBytes) },
  ])
  return Object.fromEntries(methods)
}

function received(
  read: MethodDefinition<object, object>['requestDeserialize'],
  maxBytes: number,
): (bytes: Buffer) => Received<object> {
  return (bytes) => {
    if (bytes.length > maxBytes) return requestTooLarge('A request', maxBytes)
    try {
      return read(bytes)
    } catch {
      return requestInvalid('The request is no message of this method.')
    }
  }
}
