import { ERRORS, withCodes } from './error-table.ts'
import { blocks, code, linkTo, table } from './markdown.ts'
import {
  ABOUT,
  type Body,
  GROUPS,
  OPERATIONS,
  type Operation,
  type Parameter,
  SCHEMAS,
  type Schema,
  schemaAt,
} from './openapi-file.ts'
import { rpcLike } from './proto-files.ts'

const SCHEMA_PATH = /^#\/components\/schemas\/(\w+)$/
const VALUES = 'Values (HTTP)'
const PROBLEM = 'default'
/** The one schema that has a table of its own. */
const ERROR_CODE = 'ErrorCode'

/** The HTTP contract: every request, and the objects that bodies hold. */
export function httpReference(): string {
  const { [ERROR_CODE]: _, ...schemas } = SCHEMAS
  const objects = Object.entries(schemas).filter(([, { properties }]) => properties !== undefined)
  const values = Object.entries(schemas).filter(([, { properties }]) => properties === undefined)
  return blocks(
    '## HTTP',
    withCodes(ABOUT),
    ...GROUPS.map(({ name, description }) =>
      blocks(
        `### HTTP: ${name}`,
        description,
        ...OPERATIONS.filter(({ tags }) => tags.includes(name)).map(operationText),
      ),
    ),
    '### Objects (HTTP)',
    ...objects.map(([name, schema]) =>
      blocks(`#### ${objectHeading(name)}`, schema.description ?? '', propertiesOf(schema)),
    ),
    `### ${VALUES}`,
    table(
      ['value', 'type', 'meaning'],
      values.map(([name, schema]) => [code(name), typeOf(schema), meaningOf(schema)]),
    ),
  )
}

function objectHeading(name: string): string {
  return `${name} (object)`
}

function operationText(operation: Operation): string {
  const { method, path, operationId, summary, description, parameters, requestBody } = operation
  const rpc = rpcLike(operationId)
  return blocks(
    `#### ${code(`${method} ${path}`)}`,
    withCodes(`${summary} ${description}`.trim()),
    rpc === undefined ? '' : `Over gRPC: ${linkTo(rpc.name)}.`,
    parametersText(parameters),
    requestBody === undefined ? '' : bodyText(requestText(requestBody), requestBody),
    ...operation.responses
      .filter(({ status }) => status !== PROBLEM)
      .map((answer) => bodyText(`Answers ${code(answer.status)}. ${answer.description}`, answer)),
    failuresText(operation),
  )
}

function parametersText(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return ''
  return table(
    ['parameter', 'in', 'type', 'required', 'meaning'],
    parameters.map(({ name, in: place, schema, required, description }) => [
      code(name),
      place,
      typeOf(schema),
      yesOrNo(required),
      description || meaningOf(schema),
    ]),
  )
}

function requestText({ description = '', required }: Body): string {
  return `Body${required ? '' : ' (not required)'}. ${description}`.trim()
}

function bodyText(first: string, { content, headers }: Body): string {
  const shown = Object.entries(headers).map(([name, { description }]) => [code(name), description])
  return blocks(
    first,
    shown.length === 0 ? '' : table(['header', 'meaning'], shown),
    ...Object.entries(content).map(([type, { schema, example }]) =>
      blocks(
        schema.properties === undefined ? `${code(type)}: ${typeOf(schema)}` : `${code(type)}:`,
        propertiesOf(schema),
        example === undefined ? '' : exampleText(type, example),
      ),
    ),
  )
}

function exampleText(type: string, example: unknown): string {
  const isText = type === 'text/plain'
  const text = isText ? String(example) : JSON.stringify(example, undefined, 2)
  return `\`\`\`${isText ? 'text' : 'json'}\n${text}\n\`\`\``
}

function failuresText({ responses, 'x-codes': codes }: Operation): string {
  if (!responses.some(({ status }) => status === PROBLEM)) return ''
  const problem = linkTo(objectHeading('Problem'), 'Problem')
  return `Fails with a ${problem}: ${codes.map(code).join(', ')}, or as any request may.`
}

function propertiesOf({ properties, required }: Schema): string {
  if (properties === undefined) return ''
  return table(['property', 'type', 'required', 'meaning'], rowsOf('', properties, required))
}

/** Properties, and those of objects within them that have no name. */
function rowsOf(
  within: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
): string[][] {
  return Object.entries(properties).flatMap(([name, given]) => {
    const schema = shown(given)
    const path = `${within}${name}`
    const row = [code(path), typeOf(schema), yesOrNo(required.includes(name)), meaningOf(schema)]
    return [row, ...rowsOf(`${path}.`, schema.properties ?? {}, schema.required)]
  })
}

/** What stands there by itself, where a reference leads to a part of another schema. */
function shown(schema: Schema): Schema {
  return schema.$ref === undefined || SCHEMA_PATH.test(schema.$ref) ? schema : schemaAt(schema.$ref)
}

function typeOf(schema: Schema): string {
  const { $ref, type = '', format, items, oneOf, enum: words, const: only } = schema
  if ($ref !== undefined) return linkedName($ref)
  if (oneOf !== undefined) return oneOf.map(typeOf).join(' or ')
  if (items !== undefined) return `array of ${typeOf(items)}`
  if (words !== undefined) return `${type}: ${words.map(code).join(', ')}`
  if (only !== undefined) return `${type}: always ${code(String(only))}`
  return [format === undefined ? type : `${type} (${format})`, ...limitsOf(schema)].join(', ')
}

function linkedName(reference: string): string {
  const name = SCHEMA_PATH.exec(reference)?.[1] ?? reference
  if (name === ERROR_CODE) return linkTo(ERRORS, name)
  const isObject = SCHEMAS[name]?.properties !== undefined
  return linkTo(isObject ? objectHeading(name) : VALUES, name)
}

function limitsOf({ minimum, maximum, maxLength, pattern, default: fallback }: Schema): string[] {
  const limits = []
  if (minimum !== undefined && maximum !== undefined) limits.push(`${minimum} to ${maximum}`)
  else if (minimum !== undefined) limits.push(`at least ${minimum}`)
  else if (maximum !== undefined) limits.push(`at most ${maximum}`)
  if (maxLength !== undefined) limits.push(`at most ${maxLength} characters`)
  if (pattern !== undefined) limits.push(code(pattern))
  if (fallback !== undefined) limits.push(`default ${code(JSON.stringify(fallback))}`)
  return limits
}

function meaningOf(schema: Schema): string {
  const { $ref, description, examples = [] } = schema
  const said = description ?? ($ref === undefined ? '' : (schemaAt($ref).description ?? ''))
  if (examples.length === 0) return withCodes(said)
  return `${said} Such as ${examples.map((example) => code(String(example))).join(', ')}.`
}

function yesOrNo(answer: boolean): string {
  return answer ? 'yes' : 'no'
}
