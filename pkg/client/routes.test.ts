import { expect, test } from '@jest/globals'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { GrpcTransport } from './grpc-transport.ts'
import { HttpTransport } from './http-transport.ts'
import { routesTo } from './routes.ts'

const http = new URL('http://127.0.0.1:1')
const grpc = '127.0.0.1:1'

const TARGETS = [
  { grpc, http },
  { grpc, http: undefined },
  { grpc: undefined, http },
]

test.each([
  [0, ['grpc http', 'grpc', 'http']],
  [0.34, ['grpc', 'http', 'grpc http']],
  [0.99, ['http', 'grpc http', 'grpc']],
])('chance of %s says where to begin; gRPC comes before HTTP', (chance, order) => {
  const instances = routesTo(TARGETS, new ManualClock(), () => chance)
  const kinds = instances.map((routes) =>
    routes.map(({ transport }) => {
      if (transport instanceof GrpcTransport) return 'grpc'
      return transport instanceof HttpTransport ? 'http' : 'neither'
    }),
  )
  expect(kinds.map((names) => names.join(' '))).toEqual(order)
  for (const route of instances.flat()) route.close()
})
