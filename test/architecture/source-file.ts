import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'

/** A TypeScript file of the project. */
export interface SourceFile {
  /** From the root of the project, with slashes. */
  readonly path: string
  readonly text: string
}

/** What is looked at of a node of a parsed file; each kind of node has some of it (swc's names). */
export interface SyntaxNode {
  readonly type?: unknown
  readonly span?: unknown
  readonly start?: unknown
  readonly end?: unknown
  readonly value?: unknown
  readonly source?: unknown
  readonly argument?: unknown
  readonly arguments?: unknown
  readonly expression?: unknown
  readonly callee?: unknown
  readonly object?: unknown
  readonly property?: unknown
  readonly kind?: unknown
  readonly id?: unknown
}

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDERS = ['cmd', 'examples', 'internal', 'pkg', 'test']

/** Every TypeScript file of the project. */
export function sourceFiles(): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  ).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/** Tests may do what the code they test may not. */
export function isTest({ path }: SourceFile): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts')
}

/** Every node of a file, each before those within it. */
export function nodesOf({ text }: SourceFile): SyntaxNode[] {
  return [...within(parseSync(text, { syntax: 'typescript', target: 'es2024' }))]
}

/** Whether a value of a node is itself a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function* within(value: unknown): Generator<SyntaxNode> {
  if (isNode(value)) {
    yield value
    for (const part of Object.values(value)) yield* within(part)
  } else if (Array.isArray(value)) {
    for (const part of value) yield* within(part)
  }
}
