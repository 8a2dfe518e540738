// Takes the next id of the tag order-service from the service at the address given.
import { credentials, makeClientConstructor, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const [, , address = ''] = process.argv

// Ids are text here, since a number of JavaScript does not hold 64 bits.
const contract = loadSync('goloves/v1/id_service.proto', {
  includeDirs: ['api/proto'],
  longs: String,
})
const methods = contract['goloves.v1.IdService']
if (methods === undefined || 'format' in methods) throw new Error('The contract has no IdService.')
const IdService = makeClientConstructor(methods, 'IdService')
const ids = new IdService(address, credentials.createInsecure())

ids['nextId']?.(
  { tag: 'order-service' },
  { deadline: Date.now() + 5_000 },
  (error: ServiceError | null, reply?: { id: string }) => {
    if (error !== null) throw error
    console.log(reply?.id)
    ids.close()
  },
)
