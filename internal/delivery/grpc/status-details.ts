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

function detail(name: string, message: object) {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: encode(name, message) }
}

function duration(ms: number) {
  const whole = Math.ceil(ms)
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 }
}

function encode(name: string, message: Record<string, unknown> | object): Uint8Array {
  const type = root.lookupType(`google.rpc.${name}`)
  return type.encode(type.fromObject(message)).finish()
}
