import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

const Schema = z.object({
  $ref: z.string().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.json().optional(),
  default: z.json().optional(),
  examples: z.array(z.json()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  required: z.array(z.string()).default([]),
  get items() {
    return Schema.optional()
  },
  get oneOf() {
    return z.array(Schema).optional()
  },
  get properties() {
    return z.record(z.string(), Schema).optional()
  },
})
const Media = z.object({ schema: Schema, example: z.json().optional() })
const Body = z.object({
  description: z.string().optional(),
  required: z.boolean().default(false),
  headers: z.record(z.string(), z.object({ description: z.string() })).default({}),
  content: z.record(z.string(), Media).default({}),
})
const Parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  description: z.string().default(''),
  schema: Schema,
})
const Reference = z.object({ $ref: z.string() })
const Operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().default(''),
  'x-codes': z.array(z.string()).default([]),
  parameters: z.array(z.union([Reference, Parameter])).default([]),
  requestBody: z.union([Reference, Body]).optional(),
  responses: z.record(z.string(), z.union([Reference, Body])),
})
const Document = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(
    z.string(),
    z.object({ parameters: z.array(Reference).default([]) }).catchall(Operation),
  ),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
})

export type Schema = z.output<typeof Schema>
export type Body = z.output<typeof Body>
export type Parameter = z.output<typeof Parameter>

/** The document as it stands. */
export const source: unknown = parse(
  readFileSync(join(PACKAGE_ROOT, 'api', 'http', 'openapi.yaml'), 'utf8'),
)
const { info, tags, paths, components } = Document.parse(source)

/** What is said of the document as a whole. */
export const ABOUT = info.description

/** What the operations are grouped by. */
export const GROUPS = tags

/** The schemas that have a name. */
export const SCHEMAS = components.schemas

/** Every operation, in the order of the document. */
export const OPERATIONS = Object.entries(paths).flatMap(([path, { parameters: own, ...methods }]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
    parameters: [...own, ...operation.parameters].map((one) => followed(one, Parameter)),
    requestBody: operation.requestBody && followed(operation.requestBody, Body),
    responses: Object.entries(operation.responses).map(([status, response]) => ({
      status,
      ...followed(response, Body),
    })),
  })),
)

export type Operation = (typeof OPERATIONS)[number]

/** What each code means, and what to do. */
export const MEANINGS = z
  .record(z.string(), z.string())
  .parse(referred('#/components/schemas/ErrorCode/x-meaning'))

/** The schema that a reference leads to. */
export function schemaAt(reference: string): Schema {
  return Schema.parse(referred(reference))
}

function followed<T>(value: { $ref: string } | T, schema: z.ZodType<T>): T {
  const reference = Reference.safeParse(value)
  return schema.parse(reference.success ? referred(reference.data.$ref) : value)
}

/** What a reference leads to. @throws Error if that is nothing. */
export function referred(reference: string): unknown {
  const names = reference.replace('#/', '').split('/')
  return names.reduce<unknown>((node, name) => {
    const found = z.looseObject({}).parse(node)[name]
    if (found === undefined) throw new Error(`${reference} refers to nothing.`)
    return found
  }, source)
}
