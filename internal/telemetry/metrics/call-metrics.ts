import type { CallMeter } from '../../../pkg/metering/call-meter.ts'
import { CallMeters } from '../../../pkg/metering/call-meters.ts'
import { codeCounter, counter, type Family, histogram, type Sample } from './family.ts'

/** The names that Go's gRPC gives its status codes, from 0 up; dashboards look for these. */
const GRPC_CODES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

/** Statuses that our routes answer with. Each has its series from the start, so that no first one is missed. */
const HTTP_STATUSES = [200, 201, 204, 400, 404, 405, 409, 413, 415, 429, 500, 503, 504]

/** What is counted of the calls of each transport. */
export interface Meters {
  readonly grpc: CallMeters
  readonly http: CallMeters
}

export function newMeters(): Meters {
  return { grpc: new CallMeters(GRPC_CODES.length - 1), http: new CallMeters(599) }
}

/** What callers asked and were answered. */
export function callMetrics({ grpc, http }: Meters): Family[] {
  return [
    ...grpcMetrics(grpc.all),
    counter(
      'http_requests_total',
      'Requests answered, by route and status; route "none": before any route was asked.',
      http.all.flatMap(httpSamples),
    ),
    histogram(
      'http_request_duration_seconds',
      'From when the request was read until its answer was handed to the connection.',
      http.all,
    ),
    codeCounter(
      'goloves_refusals_total',
      'Calls, and questions of a stream, that were refused, by the code of the failure.',
      [
        { labels: { transport: 'grpc' }, counts: grpc.refusals },
        { labels: { transport: 'http' }, counts: http.refusals },
      ],
    ),
  ]
}

/** As go-grpc-middleware counts them. */
function grpcMetrics(meters: readonly CallMeter[]): Family[] {
  const each = (value: (meter: CallMeter) => number): Sample[] =>
    meters.map((meter) => ({ labels: meter.labels, value: value(meter) }))
  return [
    counter(
      'grpc_server_started_total',
      'RPCs started on the server.',
      each(({ started }) => started),
    ),
    counter(
      'grpc_server_handled_total',
      'RPCs completed on the server, regardless of success or failure.',
      meters.flatMap((meter) =>
        GRPC_CODES.map((grpc_code, code) => ({
          labels: { ...meter.labels, grpc_code },
          value: meter.endedWith(code),
        })),
      ),
    ),
    counter(
      'grpc_server_msg_received_total',
      'Messages of RPCs received on the server.',
      each(({ labels, started, received }) => (isUnary(labels) ? started : received)),
    ),
    counter(
      'grpc_server_msg_sent_total',
      'Messages of RPCs sent by the server.',
      each((meter) => (isUnary(meter.labels) ? meter.endedWith(0) : meter.sent)),
    ),
    histogram(
      'grpc_server_handling_seconds',
      'Response latency of RPCs that were handled by the server; a stream ends when it is closed.',
      meters,
    ),
  ]
}

function isUnary(labels: CallMeter['labels']): boolean {
  return labels['grpc_type'] === 'unary'
}

function httpSamples(meter: CallMeter): Sample[] {
  return HTTP_STATUSES.map((status) => ({
    labels: { ...meter.labels, status: String(status) },
    value: meter.endedWith(status),
  }))
}
