import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader'

/** Under which labels the calls of an RPC are counted: those that dashboards for gRPC know. */
export function callLabels(service: ServiceDefinition, rpc: string): Record<string, string> {
  const method = Object.values(service).find(({ originalName }) => originalName === rpc)
  if (method === undefined) throw new Error(`The contract has no ${rpc}.`)
  const [, grpc_service = '', grpc_method = ''] = method.path.split('/')
  return { grpc_type: typeOf(method), grpc_service, grpc_method }
}

function typeOf({ requestStream, responseStream }: MethodDefinition<object, object>): string {
  if (requestStream) return responseStream ? 'bidi_stream' : 'client_stream'
  return responseStream ? 'server_stream' : 'unary'
}
