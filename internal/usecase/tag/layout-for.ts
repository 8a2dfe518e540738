import { tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import { DEFAULT_LAYOUT, SnowflakeLayout } from '../../domain/entity/snowflake-layout.ts'
import type { Mode, TagName } from '../../domain/entity/tag.ts'

export interface WantedMode {
  readonly mode?: Mode | undefined
  readonly layout?: string | undefined
}

/**
 * The layout of a new tag; undefined if it is to be a segment tag.
 *
 * @param nowMs In milliseconds since 1970.
 * @throws GolovesError TAG_OPTION_INVALID for a layout that is none, that has no ids at present, or
 * that is wanted for a segment tag.
 */
export function layoutFor(
  tag: TagName,
  { mode, layout }: WantedMode,
  nowMs: number,
): SnowflakeLayout | undefined {
  if (mode === 'segment' && layout !== undefined) {
    throw tagOptionInvalid(tag, 'a segment tag has no layout')
  }
  if (mode !== 'snowflake' && layout === undefined) return undefined
  const parsed = parsedFor(tag, layout ?? DEFAULT_LAYOUT)
  const { name, firstMs, lastMs } = parsed
  if (nowMs < firstMs) {
    throw tagOptionInvalid(tag, `the layout ${name} has no ids before ${dateOf(firstMs)}`)
  }
  if (nowMs > lastMs) {
    throw tagOptionInvalid(tag, `the layout ${name} has no ids after ${dateOf(lastMs)}`)
  }
  return parsed
}

function parsedFor(tag: TagName, text: string): SnowflakeLayout {
  try {
    return SnowflakeLayout.parse(text)
  } catch (error) {
    if (error instanceof RangeError) throw tagOptionInvalid(tag, error.message)
    throw error
  }
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString()
}
