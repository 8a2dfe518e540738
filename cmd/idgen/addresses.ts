import type { Settings } from '../../internal/config/settings.ts'
import { hostPort } from '../../internal/delivery/listen-address.ts'
import type { Ports } from './server.ts'

/** Where the service listens, as it stands in a URL: `127.0.0.1:8080`, `[::1]:8080`. */
export function addressesOf({ grpc, http }: Settings, ports: Ports) {
  return { grpc: hostPort(grpc.host, ports.grpc), http: hostPort(http.host, ports.http) }
}
