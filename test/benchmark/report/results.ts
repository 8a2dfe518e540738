import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Experiment, Finding } from '../experiment.ts'
import { type JudgedRow, ROW_HEAD } from './judged-row.ts'
import { pictureSvg } from './picture-svg.ts'
import { tableText } from './table-text.ts'

const FOLDER = join(import.meta.dirname, '..', 'results')
const PAGE = join(FOLDER, 'README.md')
const INTRODUCTION = `# What the benchmark suite measured

Written by \`make bench\`; [how to read it](../README.md). Each part says when and where it was measured.`

/** What was measured in one run of an experiment. */
export interface Result {
  readonly experiment: Experiment
  readonly finding: Finding
  readonly rows: readonly JudgedRow[]
}

/**
 * Writes the picture of a result, and its part of the page in the place of the one before.
 *
 * @param circumstances When and where it was measured.
 * @param order All experiments in their order.
 */
export function writeResult(
  result: Result,
  circumstances: string,
  order: readonly Experiment[],
): void {
  const { experiment, finding } = result
  writeFileSync(join(FOLDER, `${experiment.name}.svg`), pictureSvg(finding.picture))
  const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  const titles = order.map(({ title }) => title)
  writeFileSync(PAGE, pageWith(before, part(result, circumstances), titles))
}

/**
 * The page with a new part in it; what has none of these titles is gone.
 *
 * @param part Begins with `## ` and its title.
 */
export function pageWith(page: string, part: string, titles: readonly string[]): string {
  const [, ...parts] = `${page}\n${part}`.split(/^## /m)
  const byTitle = new Map(parts.map((text) => [text.slice(0, text.indexOf('\n')), text.trimEnd()]))
  const found = titles.flatMap((title) => byTitle.get(title) ?? [])
  return `${[INTRODUCTION, ...found].join('\n\n## ')}\n`
}

function part({ experiment, finding, rows }: Result, circumstances: string): string {
  const { name, title } = experiment
  const blocks = [
    `## ${title}`,
    circumstances,
    ...(rows.length === 0 ? [] : [rowTable(rows)]),
    `![${finding.picture.title}](${name}.svg)`,
    ...finding.tables.flatMap(({ title, head, lines }) => [`${title}:`, tableText(head, lines)]),
    finding.notes.map((note) => `- ${note}`).join('\n'),
  ]
  return blocks.join('\n\n')
}

function rowTable(rows: readonly JudgedRow[]): string {
  return tableText(
    ROW_HEAD,
    rows.map(({ cells }) => cells),
  )
}
