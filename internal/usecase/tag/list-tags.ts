import { requestInvalid } from '../../../pkg/errors/failures.ts'
import type { Tag } from '../../domain/entity/tag.ts'
import type { TagRepository } from '../../domain/generator/tag-repository.ts'

const PAGE_SIZE_MAX = 1000
const PAGE_SIZE_DEFAULT = 100

export interface TagPage {
  readonly tags: readonly Tag[]
  /** Where the next page begins; empty after the last. */
  readonly nextPageToken: string
}

/** Reads the tags of the store page by page, in byte order of their names. */
export class ListTags {
  readonly #tags: TagRepository

  constructor(tags: TagRepository) {
    this.#tags = tags
  }

  /**
   * @param pageSize 1 to 1000; 0 means 100.
   * @param pageToken What the page before gave as `nextPageToken`; empty for the first page.
   * @throws GolovesError REQUEST_INVALID, STORE_UNAVAILABLE.
   */
  async execute(pageSize: number, pageToken: string): Promise<TagPage> {
    if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > PAGE_SIZE_MAX) {
      throw requestInvalid(`A page size is a whole number from 1 to ${PAGE_SIZE_MAX}.`)
    }
    const size = pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize
    const found = await this.#tags.list(pageToken, size + 1)
    const tags = found.slice(0, size)
    return { tags, nextPageToken: found.length > size ? (tags.at(-1)?.name ?? '') : '' }
  }
}
