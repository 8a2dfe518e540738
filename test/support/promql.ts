import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

export interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** What is asked of one metric. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

/** What an expression of PromQL reads. */
export interface Query {
  readonly selectors: readonly Selector[]
  /** The labels by which it groups and joins. */
  readonly labels: readonly string[]
}

/** @throws Error where Prometheus would not parse it. */
export function parsePromql(expression: string): Query {
  const tree = parser.parse(expression)
  const textOf = ({ from, to }: { from: number; to: number }) => expression.slice(from, to)
  const selectors: Selector[] = []
  const labels: string[] = []
  tree.iterate({
    enter({ type, from, node }) {
      if (type.isError) throw new Error(`At ${from} this is no PromQL: ${expression}`)
      if (type.name === 'VectorSelector') selectors.push(selectorOf(node, textOf))
      if (type.name === 'LabelName' && node.parent?.type.name === 'GroupingLabels') {
        labels.push(textOf(node))
      }
    },
  })
  return { selectors, labels }
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier')
  if (name === null) throw new Error(`It names no metric: ${textOf(node)}`)
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  return {
    metric: textOf(name),
    matchers: matchers.map((matcher) => {
      const [label = '', operator = '', value = ''] = ['LabelName', 'MatchOp', 'StringLiteral'].map(
        (kind) => {
          const child = matcher.getChild(kind)
          return child === null ? '' : textOf(child)
        },
      )
      return { label, operator, value: value.slice(1, -1) }
    }),
  }
}

/** Whether a series with these labels is among those that are asked for. */
export function matches(
  labels: ReadonlyMap<string, string>,
  matchers: readonly Matcher[],
): boolean {
  return matchers.every(({ label, operator, value }) => {
    const own = labels.get(label) ?? ''
    const isSame = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(own) : own === value
    return operator.startsWith('!') ? !isSame : isSame
  })
}
