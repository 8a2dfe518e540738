import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { MAX_ID, parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'
import type { NewTag } from '../../internal/domain/generator/tag-repository.ts'
import type { StoreRig } from './store-rig.ts'

/** A tag to create, with nothing special about it but `changes`. */
export function newTag(name: string, changes: Partial<NewTag> = {}): NewTag {
  return {
    name: parseTagName(name),
    layout: undefined,
    step: 1000,
    maxId: 0n,
    maxValue: MAX_ID,
    buffer: undefined,
    description: '',
    ...changes,
  }
}

/** A snowflake tag to create. */
export function newSnowflakeTag(name: string, layout = 'twitter'): NewTag {
  return newTag(name, { layout: SnowflakeLayout.parse(layout) })
}

/** The tag as the first instance finds it. */
export function find(rig: StoreRig, name: string): Promise<Tag | undefined> {
  return rig.tags[0].find(parseTagName(name))
}
