/**
 * The group a segment belongs to: ids of a sequence that starts again with each period are ordered
 * only within one period. Every segment is in the group `never` for now.
 */
export interface Group {
  readonly by: 'never' | 'year' | 'month' | 'day'
  /** The period, such as `2026-11`; empty for `never`. */
  readonly key: string
}

export const NEVER_GROUPED: Group = { by: 'never', key: '' }

/** What belongs to a group. */
export interface Grouped {
  readonly group: Group
}

export function sameGroup(one: Grouped, other: Grouped): boolean {
  return one.group.by === other.group.by && one.group.key === other.group.key
}
