import type { Caller } from '../../domain/generator/caller.ts'

/**
 * One RPC as a plain function, so that another transport could carry it. Throws or rejects with a
 * GolovesError; anything else it throws is a mistake of ours.
 */
export type Method<Request, Response> = (
  request: Request,
  caller: Caller,
) => Response | Promise<Response>
