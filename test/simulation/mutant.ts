import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Edit, MUTATIONS } from './mutations.ts'

// node mutant.ts NAME BREACH SEEDS: lives through one seed after the other under the mutation of that
// name, until that breach is found or there were so many. Prints all breaches that were found.

const ROOT = join(import.meta.dirname, '..', '..')

const [name, breach, seeds] = process.argv.slice(2)
const mutation = MUTATIONS.find((one) => one.name === name)
if (mutation === undefined) throw new Error(`There is no mutation "${name}".`)
const sources = mutated(mutation.edits)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const source = sources.get(url)
    return source === undefined ? loaded : { ...loaded, source }
  },
})

const { simulate } = await import('./simulation.ts')
for (let seed = 1; seed <= Number(seeds); seed++) {
  const { lines } = (await simulate(seed)).findings
  for (const line of lines) process.stdout.write(`seed ${seed}: ${line}\n`)
  if (lines.some((line) => line.startsWith(`${breach}:`))) break
}

/** The texts of the files that the edits change, by their addresses. */
function mutated(edits: readonly Edit[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { file, from, to } of edits) {
    const url = pathToFileURL(join(ROOT, file)).href
    const [before, after, ...more] = (
      texts.get(url) ?? readFileSync(join(ROOT, file), 'utf8')
    ).split(from)
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} does not say exactly once: ${from}`)
    }
    texts.set(url, `${before}${to}${after}`)
  }
  return texts
}
