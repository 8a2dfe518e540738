import type { Edit } from '../support/edits.ts'
import type { Breach } from './findings.ts'

/** A mistake that could be made, and what the verifier has to find then. */
export interface Mutation {
  readonly name: string
  readonly finds: Breach
  readonly edits: readonly Edit[]
}
