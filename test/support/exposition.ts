/** One line of an exposition. */
export interface Series {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y
const SUFFIX = /_(bucket|sum|count)$/

/** What `/metrics` answered. */
export class Exposition {
  readonly series: readonly Series[]

  /** @throws Error that names the first line that is none of Prometheus' text format, or is there twice. */
  constructor(text: string) {
    if (!text.endsWith('\n')) throw new Error('The last line has no end.')
    const types = new Map<string, string>()
    const seen = new Set<string>()
    this.series = text.split('\n').flatMap((line) => {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
      if (types.has(name)) throw new Error(`${name} is there twice.`)
      if (type !== '') types.set(name, type)
      if (line === '' || line.startsWith('# ')) return []
      const read = seriesOf(line)
      if (!types.has(read.name) && types.get(read.name.replace(SUFFIX, '')) !== 'histogram') {
        throw new Error(`It has no type before it: ${line}`)
      }
      const key = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(key)) throw new Error(`It is there twice: ${line}`)
      seen.add(key)
      return [read]
    })
  }

  /** All series of a name that have these labels, among others. */
  of(name: string, labels: Readonly<Record<string, string>> = {}): readonly Series[] {
    const wanted = Object.entries(labels)
    return this.series.filter(
      (series) =>
        series.name === name && wanted.every(([key, value]) => series.labels.get(key) === value),
    )
  }

  /** Their sum. @throws Error if there are none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number {
    const found = this.of(name, labels)
    if (found.length === 0) throw new Error(`There is no ${name}${JSON.stringify(labels ?? {})}.`)
    return found.reduce((sum, { value }) => sum + value, 0)
  }
}

function seriesOf(line: string): Series {
  const [, name = '', inner = '', text = ''] = SERIES.exec(line) ?? []
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text === 'Nan' ? 'NaN' : text)
  const labels = new Map<string, string>()
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inner.length) {
    const [, key, said] = LABEL.exec(inner) ?? []
    if (key === undefined || said === undefined) break
    labels.set(key, said)
    if (LABEL.lastIndex === inner.length) break
  }
  if (name === '' || text === '' || LABEL.lastIndex < inner.length) {
    throw new Error(`This is no line of an exposition: ${line}`)
  }
  return { name, labels, value }
}
