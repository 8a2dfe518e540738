import { basename } from 'node:path'
import { isNode, isTest, nodesOf, type SourceFile, type SyntaxNode } from './source-file.ts'

const FILE_LINES_MAX = 300
const LINE_COLUMNS_MAX = 120
const FUNCTION_LINES_MAX = 70

/** A name that says nothing of what is inside, and what would be said. */
const BANNED_NAMES =
  /(^|\/)(utils?|helpers?|common|shared|misc|types|index|base)(\.test)?(\.ts$|\/)/
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/

/** Time and chance, which only these folders may ask for by themselves. */
const ASKS_THE_MACHINE = /^(pkg|examples)\//
const AMBIENT = [
  'Date.now',
  'Math.random',
  'performance.now',
  'setTimeout',
  'setInterval',
  'setImmediate',
]
const FUNCTIONS = [
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
]
const TESTS = ['test', 'it', 'describe']
const UNFINISHED = ['skip', 'only', 'todo', 'failing', 'fixme']

/** What is untidy in a file, each fault as a sentence. */
export function faultsOf(file: SourceFile): string[] {
  const nodes = nodesOf(file)
  const faults = [...nameFaults(file), ...sizeFaults(file), ...nodes.flatMap(nodeFaults)]
  if (isTest(file)) faults.push(...nodes.flatMap(unfinishedTests))
  else faults.push(...longFunctions(file, nodes))
  if (!isTest(file) && !ASKS_THE_MACHINE.test(file.path)) {
    faults.push(...nodes.flatMap(ambientFaults))
  }
  return faults.map((fault) => `${file.path} ${fault}`)
}

function nameFaults({ path }: SourceFile): string[] {
  const faults = []
  if (BANNED_NAMES.test(path)) faults.push('has a name that does not say what is inside')
  if (!KEBAB_CASE.test(basename(path))) faults.push('is not named in kebab-case')
  return faults
}

function sizeFaults({ text }: SourceFile): string[] {
  const lines = text.split('\n')
  const faults = lines.flatMap((line, index) =>
    line.length > LINE_COLUMNS_MAX ? [`has ${line.length} columns in line ${index + 1}`] : [],
  )
  if (lines.length - 1 > FILE_LINES_MAX) faults.push(`has ${lines.length - 1} lines`)
  return faults
}

function nodeFaults(node: SyntaxNode): string[] {
  if (node.type === 'TsKeywordType' && node.kind === 'any') return ['says any']
  if (node.type === 'TsInterfaceDeclaration' && /^I[A-Z]/.test(nameOf(node.id))) {
    return [`has an interface with an I: ${nameOf(node.id)}`]
  }
  return []
}

function ambientFaults(node: SyntaxNode): string[] {
  const name = calledBy(node)
  if (AMBIENT.includes(name)) return [`calls ${name}`]
  const isNow = name === 'Date' && (node.type === 'CallExpression' || !hasArguments(node))
  return isNow ? ['asks Date what time it is'] : []
}

function unfinishedTests(node: SyntaxNode): string[] {
  if (node.type !== 'MemberExpression' || !UNFINISHED.includes(nameOf(node.property))) return []
  const name = memberName(node)
  return TESTS.some((test) => name.startsWith(`${test}.`)) ? [`has a ${name}`] : []
}

function longFunctions({ text }: SourceFile, nodes: readonly SyntaxNode[]): string[] {
  const bytes = Buffer.from(text)
  return nodes.flatMap((node) => {
    if (!FUNCTIONS.includes(String(node.type))) return []
    const lines = bytes
      .subarray(...bounds(node))
      .toString()
      .split('\n').length
    return lines > FUNCTION_LINES_MAX ? [`has a function of ${lines} lines`] : []
  })
}

/** Where a node begins and ends in its file; swc counts bytes, from 1. */
function bounds({ span }: SyntaxNode): [number, number] {
  if (!isNode(span) || typeof span.start !== 'number' || typeof span.end !== 'number') {
    throw new Error('A function has no place in its file.')
  }
  return [span.start - 1, span.end - 1]
}

/** The name that a call or `new` is made by: `Date.now`, `setTimeout`; empty for anything else. */
function calledBy({ type, callee }: SyntaxNode): string {
  const calls = type === 'CallExpression' || type === 'NewExpression'
  return calls && isNode(callee) ? memberName(callee) : ''
}

function memberName(node: SyntaxNode): string {
  if (node.type !== 'MemberExpression') return nameOf(node)
  const { object, property } = node
  return `${isNode(object) ? memberName(object) : ''}.${nameOf(property)}`
}

function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' ? String(node.value) : ''
}

function hasArguments({ arguments: given }: SyntaxNode): boolean {
  return Array.isArray(given) && given.length > 0
}
