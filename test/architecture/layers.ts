import { dirname, join } from 'node:path'
import { isNode, isTest, nodesOf, type SourceFile, type SyntaxNode } from './source-file.ts'

interface Layer {
  /** The other layers whose files it may import; its own it always may. */
  readonly layers: readonly string[]
  /** The npm packages it may name. */
  readonly packages: readonly string[]
  /** Whether it may ask Node itself: for files, the network, processes. */
  readonly node: boolean
}

const DOMAIN = ['internal/domain/entity', 'internal/domain/generator', 'pkg']

/** The house: each layer and all that it may import. Imports only ever point inwards. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  pkg: { layers: [], packages: [], node: true },
  'pkg/client': {
    layers: DOMAIN,
    packages: ['@grpc/grpc-js', '@grpc/proto-loader'],
    node: true,
  },
  'internal/domain/entity': { layers: ['pkg'], packages: [], node: false },
  'internal/domain/generator': { layers: DOMAIN, packages: [], node: false },
  'internal/usecase': { layers: DOMAIN, packages: [], node: false },
  'internal/repository': {
    layers: DOMAIN,
    packages: ['knex', 'mysql2', 'better-sqlite3'],
    node: true,
  },
  'internal/delivery': { layers: ['internal/usecase', ...DOMAIN], packages: [], node: false },
  'internal/delivery/grpc': {
    layers: ['internal/delivery', 'internal/usecase', ...DOMAIN],
    packages: [
      '@grpc/grpc-js',
      '@grpc/proto-loader',
      '@grpc/reflection',
      'grpc-health-check',
      'protobufjs',
    ],
    node: true,
  },
  'internal/delivery/http': {
    layers: ['internal/delivery', 'internal/usecase', ...DOMAIN],
    packages: ['fastify', 'zod'],
    node: true,
  },
  'internal/config': { layers: [], packages: ['yaml', 'zod'], node: true },
  'internal/telemetry': { layers: DOMAIN, packages: ['pino'], node: true },
  'internal/telemetry/metrics': { layers: DOMAIN, packages: ['prom-client'], node: true },
  'cmd/idgen': {
    layers: [
      ...DOMAIN,
      'internal/usecase',
      'internal/repository',
      'internal/delivery',
      'internal/delivery/grpc',
      'internal/delivery/http',
      'internal/config',
      'internal/telemetry',
      'internal/telemetry/metrics',
    ],
    // The commands are a client of the service, so they speak gRPC too.
    packages: ['commander', '@grpc/grpc-js', '@grpc/proto-loader', 'prom-client', 'yaml', 'zod'],
    node: true,
  },
  // What others write, who have nothing of ours but the contract.
  examples: { layers: [], packages: ['@grpc/grpc-js', '@grpc/proto-loader'], node: false },
}

/** Packages that one file alone may name. */
const ONLY_IN: Readonly<Record<string, string>> = {
  inversify: 'cmd/idgen/container.ts',
  'reflect-metadata': 'cmd/idgen/main.ts',
}

/** What a file imports, in the order in which it does: types, re-exports and `import()` included. */
export function importsOf(file: SourceFile): string[] {
  return nodesOf(file).flatMap((node) => {
    const source = sourceOf(node)
    if (source === undefined) return []
    return [isNode(source) && typeof source.value === 'string' ? source.value : 'unreadable']
  })
}

function sourceOf(node: SyntaxNode): unknown {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return node.source
    case 'ExportNamedDeclaration':
      return node.source ?? undefined
    case 'TsImportType':
      return node.argument
    case 'TsExternalModuleReference':
      return node.expression
    case 'CallExpression':
      return isDynamicImport(node) ? firstArgument(node) : undefined
    default:
      return undefined
  }
}

function isDynamicImport({ callee }: SyntaxNode): boolean {
  return isNode(callee) && callee.type === 'Import'
}

function firstArgument({ arguments: given }: SyntaxNode): unknown {
  const first: unknown = Array.isArray(given) ? given[0] : undefined
  return isNode(first) ? first.expression : {}
}

/** The imports of a file that its layer does not allow, each as a sentence. */
export function forbiddenImports(file: SourceFile): string[] {
  if (isTest(file)) return []
  const name = layerOf(file.path)
  const layer = LAYERS[name ?? '']
  if (layer === undefined) return [`${file.path} belongs to no layer`]
  return importsOf(file)
    .filter((imported) => {
      if (imported.startsWith('.')) return !reaches(layer, name, join(dirname(file.path), imported))
      if (imported.startsWith('node:')) return !layer.node
      const owner = ONLY_IN[imported]
      return owner === undefined ? !names(layer, imported) : owner !== file.path
    })
    .map((imported) => `${file.path} may not import ${imported}`)
}

function reaches({ layers }: Layer, own: string | undefined, target: string): boolean {
  const name = layerOf(target)
  return name !== undefined && (name === own || layers.includes(name))
}

function names({ packages }: Layer, imported: string): boolean {
  return packages.some((name) => imported === name || imported.startsWith(`${name}/`))
}

/** The innermost layer that a path lies in. */
function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((name) => path.startsWith(`${name}/`))
    .sort((one, other) => other.length - one.length)[0]
}
