import type { Mutation } from './mutation.ts'
import { SEGMENT_MUTATIONS } from './segment/mutations.ts'
import type { Kind } from './simulation.ts'
import { SNOWFLAKE_MUTATIONS } from './snowflake/mutations.ts'

/** The mistakes that each kind of world has to give away. */
export const MUTATIONS: Readonly<Record<Kind, readonly Mutation[]>> = {
  segment: SEGMENT_MUTATIONS,
  snowflake: SNOWFLAKE_MUTATIONS,
}
