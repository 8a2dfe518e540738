import protobuf from 'protobufjs'
import type { GolovesError } from '../../../pkg/errors/goloves-error.ts'

// The part of Google's error model that we speak, said here because no package brings these files.
const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message RetryInfo { Duration retry_delay = 1; }
`)

const TYPE_PREFIX = 'type.googleapis.com/google.rpc.'

/** The bytes of a `google.rpc.Status` that carries an ErrorInfo and, where there is a wait, a RetryInfo. */
export function encodeDetails(code: number, failure: GolovesError): Buffer {
  const details = [
    detail('ErrorInfo', { reason: failure.code, domain: 'goloves', metadata: failure.metadata }),
  ]
  if (failure.retryAfterMs !== undefined) {
    details.push(detail('RetryInfo', { retryDelay: duration(failure.retryAfterMs) }))
  }
  return Buffer.from(encode('Status', { code, message: failure.message, details }))
}

/** The code in the bytes of such a status; undefined if it carries no ErrorInfo. */
export function reasonIn(bytes: Buffer): string | undefined {
  const { details } = decode('Status', bytes)
  const infos: unknown[] = Array.isArray(details) ? details : []
  return infos.map(reasonOf).find((reason) => reason !== undefined)
}

function reasonOf(detail: unknown): string | undefined {
  if (typeof detail !== 'object' || detail === null) return undefined
  if (!('typeUrl' in detail && 'value' in detail)) return undefined
  if (detail.typeUrl !== `${TYPE_PREFIX}ErrorInfo`) return undefined
  if (!(detail.value instanceof Uint8Array)) return undefined
  const { reason } = decode('ErrorInfo', detail.value)
  return typeof reason === 'string' ? reason : undefined
}

function detail(name: string, message: object) {
  return { typeUrl: `${TYPE_PREFIX}${name}`, value: encode(name, message) }
}

function duration(ms: number) {
  const whole = Math.ceil(ms)
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 }
}

function encode(name: string, message: Record<string, unknown> | object): Uint8Array {
  const type = root.lookupType(`google.rpc.${name}`)
  return type.encode(type.fromObject(message)).finish()
}

function decode(name: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const type = root.lookupType(`google.rpc.${name}`)
  return type.toObject(type.decode(bytes))
}
