import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

/** A change of one place in a source file. */
export interface Edit {
  /** From the root of the project. */
  readonly file: string
  /** What stands there, exactly once. */
  readonly from: string
  readonly to: string
}

/** The texts of the files that the edits change, by their names. @throws Error if one doesn't fit. */
export function edited(edits: readonly Edit[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { file, from, to } of edits) {
    const text = texts.get(file) ?? readFileSync(join(PACKAGE_ROOT, file), 'utf8')
    const [before, after, ...more] = text.split(from)
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file} does not say exactly once: ${from}`)
    }
    texts.set(file, `${before}${to}${after}`)
  }
  return texts
}
