import type { HttpCall } from './http-call.ts'
import type { Reply } from './reply.ts'

/** One thing that can be asked over HTTP. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /**
   * As OpenAPI writes it: `/v1/tags/{tag}:nextId`. The verb is what follows the last `:`; a tag has
   * none. A `{key}` is one path segment that nobody reads: any text without a `/`.
   */
  readonly path: string
  /**
   * Answers at once where it can, so that an id from memory costs no promise.
   *
   * @throws GolovesError (or rejects with one) for whatever the caller is to be told.
   */
  readonly handle: (call: HttpCall) => Reply | Promise<Reply>
}

/**
 * The route's path as Fastify writes it. Any text is taken for a tag, so that the use case can say
 * what is wrong with it.
 */
export function fastifyPath({ path }: Route): string {
  return path
    .replace('{tag}:', ':tag(.*)::')
    .replace('{tag}', ':tag([^:]*)')
    .replace('{key}', ':key')
}

/** Which methods the path of a request has, as the header Allow lists them; undefined if there is no such path. */
export function allowedMethods(routes: readonly Route[]): (url: string) => string | undefined {
  const shapes = [...Map.groupBy(routes, ({ path }) => path)].map(([path, group]) => ({
    shape: shapeOf(path),
    allow: group.map(({ method }) => method).join(', '),
  }))
  return (url) => shapes.find(({ shape }) => shape.test(url))?.allow
}

function shapeOf(path: string): RegExp {
  const pattern = path
    .replaceAll('.', '\\.')
    .replace('{tag}:', '[^/?]*:')
    .replace('{tag}', '[^/?:]*')
    .replace('{key}', '[^/?]*')
  return new RegExp(`^${pattern}(\\?|$)`)
}
