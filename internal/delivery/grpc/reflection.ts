import type { PackageDefinition } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import descriptor, { type IFileDescriptorProto } from 'protobufjs/ext/descriptor/index.js'

/** Tells clients that have no `.proto` file what can be called. */
export function reflectionOf(definitions: PackageDefinition): ReflectionService {
  const mended = Object.entries(definitions).map(([name, definition]) => [
    name,
    'fileDescriptorProtos' in definition && Array.isArray(definition.fileDescriptorProtos)
      ? { ...definition, fileDescriptorProtos: definition.fileDescriptorProtos.map(withMapEntries) }
      : definition,
  ])
  return new ReflectionService(Object.fromEntries(mended))
}

/**
 * A map is described as a nested message that must be called `…Entry`. protobufjs leaves that out,
 * and clients in Go, such as grpcurl and buf, then reject the whole file: that of health has a map.
 */
function withMapEntries(bytes: Uint8Array): Uint8Array {
  const type = descriptor.FileDescriptorProto
  const file: IFileDescriptorProto = type.toObject(type.decode(bytes))
  for (const { field = [], nestedType = [] } of file.messageType ?? []) {
    for (const entry of nestedType.filter(({ options }) => options?.mapEntry)) {
      const name = `${entry.name}Entry`
      for (const use of field.filter(({ typeName }) => typeName === entry.name)) use.typeName = name
      entry.name = name
    }
  }
  return type.encode(file).finish()
}
