import fastify from 'fastify'
import { listening } from '../../support/listening.ts'
import { CONSTANT_ID } from '../run/constant-servers.ts'

// The least that a Fastify server can do: one route, and always the same id.

const server = fastify()
server.post('/nextId', async () => ({ id: CONSTANT_ID }))
await server.ready()
const port = await listening(server.server)
process.stdout.write(`Listening on 127.0.0.1:${port}\n`)
