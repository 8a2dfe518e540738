import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import { methodOf } from '../../support/grpc-client.ts'
import { CONSTANT_ID } from '../run/constant-servers.ts'

// The least that a grpc-js server can do: what our contract says, and always the same id.

const server = new Server()
server.addService(
  { NextId: methodOf('goloves.v1.IdService/NextId') },
  {
    NextId: (_: unknown, answer: sendUnaryData<object>) => answer(null, { id: CONSTANT_ID }),
  },
)
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  process.stdout.write(`Listening on 127.0.0.1:${port}\n`)
})
