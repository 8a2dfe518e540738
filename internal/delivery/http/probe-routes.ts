import { exposition, json } from './reply.ts'
import type { Route } from './route.ts'

/** Whether the service should get traffic, and if not, why. */
export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string }

/** The routes for those who run the service: alive, ready, how it fares, and what the API is. */
export function probeRoutes(
  readiness: () => Promise<Readiness>,
  metrics: () => Promise<string>,
  openapi: object,
): Route[] {
  const openapiReply = json(openapi)
  return [
    { method: 'GET', path: '/healthz', handle: () => json({ alive: true }) },
    { method: 'GET', path: '/readyz', handle: readyz },
    { method: 'GET', path: '/metrics', handle: async () => exposition(await metrics()) },
    { method: 'GET', path: '/openapi.json', handle: () => openapiReply },
  ]

  async function readyz() {
    const answer = await readiness()
    return json(answer, answer.ready ? 200 : 503)
  }
}
