import { TagRepository } from '../../internal/domain/generator/tag-repository.ts'

/** For tests in which nobody may ask for tags: every call fails the test. */
export class UnusedTagRepository extends TagRepository {
  override findAll = unexpected
  override confirm = unexpected
  override list = unexpected
  override create = unexpected
  override update = unexpected
  override raise = unexpected
  override freeze = unexpected
  override unfreeze = unexpected
  override freezeBehind = unexpected
  override delete = unexpected
}

function unexpected(): never {
  throw new Error('This test expected no call to the tag repository.')
}
