import { tagOptionInvalid } from '../../../pkg/errors/failures.ts'
import { MAX_ID, MAX_STEP, type TagName } from '../../domain/entity/tag.ts'

const DESCRIPTION_MAX = 256

/** What an operator may set on a tag; whatever is given is checked, whatever is left out is not. */
export interface TagOptions {
  readonly step?: number | undefined
  readonly maxId?: bigint | undefined
  readonly maxValue?: bigint | undefined
  readonly description?: string | undefined
}

/** @throws GolovesError TAG_OPTION_INVALID naming the first option that is out of its range. */
export function checkTagOptions(
  tag: TagName,
  { step, maxId, maxValue, description }: TagOptions,
): void {
  if (step !== undefined && !(Number.isSafeInteger(step) && step >= 1 && step <= MAX_STEP)) {
    throw tagOptionInvalid(tag, `step must be a whole number from 1 to ${MAX_STEP}`)
  }
  if (maxValue !== undefined && !(maxValue >= 1n && maxValue <= MAX_ID)) {
    throw tagOptionInvalid(tag, `max_value must be from 1 to ${MAX_ID}`)
  }
  if (maxId !== undefined && !(maxId >= 0n && maxId <= (maxValue ?? MAX_ID))) {
    throw tagOptionInvalid(tag, `max_id must be from 0 to ${maxValue ?? MAX_ID}`)
  }
  if (description !== undefined && [...description].length > DESCRIPTION_MAX) {
    throw tagOptionInvalid(tag, `description must have at most ${DESCRIPTION_MAX} characters`)
  }
}
