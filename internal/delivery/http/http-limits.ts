/** What callers can make the HTTP server hold, and for how long. */
export interface HttpLimits {
  readonly maxBodyBytes: number
  /** The request line and all headers together. */
  readonly maxHeaderBytes: number
  /** Further connections are closed at once. */
  readonly maxConnections: number
  /** How many requests of one connection may wait at once; further ones are refused. */
  readonly maxWaitingRequests: number
  /** How long a whole request may take to arrive; its headers half of that. */
  readonly requestTimeoutMs: number
  /** How long a connection stays open with nothing asked. */
  readonly keepAliveTimeoutMs: number
}

/** What the settings do not say. */
export const HTTP_LIMITS = {
  maxHeaderBytes: 16_384,
  // Only who sends requests without waiting for their answers has more than one.
  maxWaitingRequests: 20,
  // Above the 60 s after which common load balancers drop an idle connection, so that it is they
  // who close it and no request meets a closing connection.
  keepAliveTimeoutMs: 65_000,
}
