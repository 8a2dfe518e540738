// The names of the contenders, which race.ts says and the experiment looks for.

export const NUMBER = 'bare counter, number'
export const BIGINT = 'bare counter, bigint by asIntN'
export const CELL = 'bare typed cells, 1,000 ids each'
export const CHAIN = 'segment chain'
export const DOUBLE = 'double buffer'
export const FIXED_CHAIN = 'segment chain, 1,000 ids in a lease'
export const CHAIN_BY_IDS_IN = 'segment chain, counted up by idsIn'
export const SNOWFLAKE = 'snowflake'
export const SHIFTS = 'snowflake in bigint shifts'
export const SAPPHIRE = '@sapphire/snowflake'
export const RUST = 'nodejs-snowflake'
export const FLAKE = 'flake-idgen'
