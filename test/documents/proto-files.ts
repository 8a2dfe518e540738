import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'

const FILES = ['id_service.proto', 'tag_service.proto']

/** What the files of the gRPC contract declare, with their comments. */
export function declaredInProtos(): protobuf.ReflectionObject[] {
  return FILES.flatMap((file) => {
    const text = readFileSync(join(PACKAGE_ROOT, 'api', 'proto', 'goloves', 'v1', file), 'utf8')
    const options = { keepCase: true, alternateCommentMode: true }
    const { root, package: name } = protobuf.parse(text, new protobuf.Root(), options)
    const found = root.lookup(name ?? '')
    if (!(found instanceof protobuf.Namespace)) throw new Error(`${file} declares nothing.`)
    return found.nestedArray
  })
}

/** The RPCs of all services, in the order of the files. */
export function rpcs(): protobuf.Method[] {
  return declaredInProtos().flatMap((declared) =>
    declared instanceof protobuf.Service ? declared.methodsArray : [],
  )
}

/** The RPC that does what an operation of HTTP does; undefined if none does. */
export function rpcLike(operationId: string): protobuf.Method | undefined {
  return rpcs().find(({ name }) => name.toLowerCase() === operationId.toLowerCase())
}

/** @throws Error if there is no comment. */
export function commentOf({ comment, fullName }: protobuf.ReflectionObject): string {
  if (comment === null) throw new Error(`Nothing is said of ${fullName}.`)
  return comment
}
