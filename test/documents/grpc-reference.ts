import protobuf from 'protobufjs'
import { withCodes } from './error-table.ts'
import { blocks, code, linkTo, table } from './markdown.ts'
import { commentOf, declaredInProtos } from './proto-files.ts'

/** The gRPC contract: services, messages and enums, as their comments tell. */
export function grpcReference(): string {
  const declared = declaredInProtos()
  const headings = new Map(declared.map((one) => [one.name, headingOf(one)]))
  const services = declared.filter((one) => one instanceof protobuf.Service)
  const messages = declared.filter((one) => one instanceof protobuf.Type)
  const enums = declared.filter((one) => one instanceof protobuf.Enum)
  return blocks(
    ...services.map((service) => serviceText(service, headings)),
    '## Messages',
    ...messages.map((message) => messageText(message, headings)),
    '## Enums',
    ...enums.map(enumText),
  )
}

type Headings = ReadonlyMap<string, string>

/** HTTP has objects of the same names. */
function headingOf(declared: protobuf.ReflectionObject): string {
  if (declared instanceof protobuf.Enum) return `${declared.name} (enum)`
  return declared instanceof protobuf.Type ? `${declared.name} (message)` : declared.name
}

function serviceText(service: protobuf.Service, headings: Headings): string {
  return blocks(
    `## ${service.name} (gRPC)`,
    withCodes(commentOf(service)),
    ...service.methodsArray.map((method) => methodText(method, headings)),
  )
}

function methodText(method: protobuf.Method, headings: Headings): string {
  const { name, requestType, requestStream, responseType, responseStream } = method
  const one = (type: string, isStream = false) =>
    `${isStream ? 'a stream of ' : ''}${linked(type, headings)}`
  return blocks(
    `### ${name}`,
    `${code(method.fullName.replace('.', '').replace(/\.(?=\w+$)/, '/'))}: ` +
      `${one(requestType, requestStream)} → ${one(responseType, responseStream)}`,
    withCodes(commentOf(method)),
  )
}

function messageText(message: protobuf.Type, headings: Headings): string {
  const fields = message.fieldsArray.map((field) => [
    code(field.name),
    typeOf(field, headings),
    String(field.id),
    withCodes(commentOf(field)),
  ])
  return blocks(
    `### ${headingOf(message)}`,
    withCodes(commentOf(message)),
    fields.length === 0 ? '' : table(['field', 'type', 'number', 'meaning'], fields),
  )
}

function typeOf(field: protobuf.Field, headings: Headings): string {
  const type = linked(field.type, headings)
  if (field.repeated) return `repeated ${type}`
  const { partOf } = field
  if (!partOf) return type
  return partOf.isProto3Optional ? `optional ${type}` : `${type}, one of ${code(partOf.name)}`
}

function enumText(one: protobuf.Enum): string {
  const values = Object.entries(one.values).map(([name, number]) => {
    const comment = one.comments[name]
    if (!comment) throw new Error(`Nothing is said of ${name}.`)
    return [code(name), String(number), comment]
  })
  return blocks(
    `### ${headingOf(one)}`,
    commentOf(one),
    table(['value', 'number', 'meaning'], values),
  )
}

/** A type of the contract is shown further down; what is none of it is the language's own. */
function linked(type: string, headings: Headings): string {
  const heading = headings.get(type)
  return heading === undefined ? type : linkTo(heading, type)
}
