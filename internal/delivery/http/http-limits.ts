/** What one caller can make the HTTP server hold, and for how long. */
export interface HttpLimits {
  readonly maxBodyBytes: number
  /** The request line and all headers together. */
  readonly maxHeaderBytes: number
  /** Further connections are closed at once. */
  readonly maxConnections: number
  /** How long the headers of a request may take to arrive. */
  readonly headersTimeoutMs: number
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number
  /** How long a connection stays open with nothing asked. */
  readonly keepAliveTimeoutMs: number
}

/**
 * All but what the settings say. 10,000 connections that hold as much as they may are about 800 MB
 * while a body may have 65,536 bytes, as it may unless set otherwise.
 */
export const HTTP_LIMITS: Omit<HttpLimits, 'maxBodyBytes'> = {
  maxHeaderBytes: 16_384,
  maxConnections: 10_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  // Above the 60 s after which common load balancers drop an idle connection, so that it is they
  // who close it and no request meets a closing connection.
  keepAliveTimeoutMs: 65_000,
}
