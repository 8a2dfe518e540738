import { GolovesError } from '../../../pkg/errors/goloves-error.ts'

// The failures that only HTTP knows; the others are in pkg/errors.

export function routeNotFound(): GolovesError {
  return new GolovesError('ROUTE_NOT_FOUND', 'There is no such path; /openapi.json lists them all.')
}

/** @param allow The methods that the path has, as the header Allow lists them. */
export function methodNotAllowed(allow: string): GolovesError {
  return new GolovesError('METHOD_NOT_ALLOWED', `This path has ${allow} only.`, {
    metadata: { allow },
  })
}

export function mediaTypeUnsupported(): GolovesError {
  return new GolovesError(
    'MEDIA_TYPE_UNSUPPORTED',
    'A body must be JSON, and say so: content-type: application/json.',
  )
}
