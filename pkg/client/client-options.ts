/** One instance of the service, or whatever stands before several: its gRPC, its HTTP, or both. */
export interface Target {
  /** `host:port` */
  readonly grpc?: string
  /** Such as `http://host:8080`. Asked where gRPC is not given, or not reached. */
  readonly http?: string
}

export interface ClientOptions {
  /** A client begins with one of them, by chance, and asks the others while that is away. */
  readonly targets: readonly Target[]
  /**
   * How ids are asked for. `direct`: a call for each question. `merge`, unless given: calls of
   * `nextId` that come at once become one. `lease`: ids are kept in memory ahead of their use.
   */
  readonly way?: 'direct' | 'merge' | 'lease'
  /** How long a question may take, with all its attempts, in milliseconds: 5000 unless given. */
  readonly deadlineMs?: number
}

export interface LeaseOptions extends ClientOptions {
  readonly way: 'lease'
  /**
   * How many ids of a tag are kept in memory at most, beside those that callers wait for: what a crash
   * can waste. 100,000 unless given. At a low rate it is fewer.
   */
  readonly heldMax?: number
}
