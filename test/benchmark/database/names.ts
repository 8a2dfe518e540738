// Who is asked, as both processes say and the experiment looks for.

export const CHAIN = 'segment chain'
export const DOUBLE = 'double buffer'
export const FIXED_CHAIN = 'segment chain, fixed'
export const FIXED_DOUBLE = 'double buffer, fixed'
export const NAIVE = 'one segment alone'
