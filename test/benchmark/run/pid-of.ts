import type { ChildProgram } from '../../support/child-program.ts'

/** @throws Error if it could not be started. */
export function pidOf({ pid }: ChildProgram): number {
  if (pid === undefined) throw new Error('It could not be started.')
  return pid
}
