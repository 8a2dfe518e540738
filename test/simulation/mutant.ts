import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { edited } from '../support/edits.ts'
import { MUTATIONS } from './mutations.ts'

// node mutant.ts KIND NAME BREACH SEEDS: lives through one seed after the other in worlds of that kind under
// the mutation of that name, until that breach is found or there were so many. Prints all breaches that
// were found.

const [world, name, breach, seeds] = process.argv.slice(2)
const kind = world === 'segment' ? 'segment' : 'snowflake'
const mutation = MUTATIONS[kind].find((one) => one.name === name)
if (mutation === undefined) throw new Error(`There is no mutation "${name}".`)
const sources = new Map(
  [...edited(mutation.edits)].map(([file, text]) => {
    return [pathToFileURL(join(PACKAGE_ROOT, file)).href, text]
  }),
)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const source = sources.get(url)
    return source === undefined ? loaded : { ...loaded, source }
  },
})

const { simulate } = await import('./simulation.ts')
for (let seed = 1; seed <= Number(seeds); seed++) {
  const { lines } = (await simulate(kind, seed)).findings
  for (const line of lines) process.stdout.write(`seed ${seed}: ${line}\n`)
  if (lines.some((line) => line.startsWith(`${breach}:`))) break
}
