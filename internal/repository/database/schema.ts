import type { Database, Dialect, Session } from './database.ts'

// `leaf_alloc` is the seed's to the letter, and whoever has one keeps it as it is. All else that is
// stored stands in tables of our own. Each statement does nothing where the table exists, so any
// number of processes may run them at once without a lock that a crash could leave behind. SQLite has
// no KEY in them: a UNIQUE that begins with a time is there for its index, by which old rows are found.
const TABLES: Readonly<Record<Dialect, ReadonlyMap<string, string>>> = {
  mysql: new Map([
    [
      'leaf_alloc',
      `CREATE TABLE IF NOT EXISTS \`leaf_alloc\` (
  \`biz_tag\` varchar(128)  NOT NULL DEFAULT '',
  \`max_id\` bigint(20) NOT NULL DEFAULT '1',
  \`step\` int(11) NOT NULL,
  \`description\` varchar(256)  DEFAULT NULL,
  \`update_time\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (\`biz_tag\`)
) ENGINE=InnoDB`,
    ],
    [
      'leaf_tag',
      `CREATE TABLE IF NOT EXISTS leaf_tag (
  biz_tag varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  mode varchar(16) CHARACTER SET ascii NOT NULL DEFAULT 'segment',
  buffer varchar(16) CHARACTER SET ascii DEFAULT NULL,
  max_value bigint NOT NULL DEFAULT 9223372036854775807,
  layout varchar(255) CHARACTER SET ascii DEFAULT NULL,
  frozen_reason varchar(32) CHARACTER SET ascii DEFAULT NULL,
  frozen_above bigint DEFAULT NULL,
  frozen_at timestamp NULL DEFAULT NULL,
  deleted_max_id bigint NOT NULL DEFAULT 0,
  deleted_at timestamp NULL DEFAULT NULL,
  generation bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (biz_tag)
) ENGINE=InnoDB`,
    ],
    [
      'leaf_instance',
      `CREATE TABLE IF NOT EXISTS leaf_instance (
  name varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  address varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  last_seen bigint NOT NULL COMMENT 'milliseconds since 1970',
  PRIMARY KEY (name)
) ENGINE=InnoDB`,
    ],
    [
      'leaf_worker',
      `CREATE TABLE IF NOT EXISTS leaf_worker (
  pool varchar(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  worker_id int NOT NULL COMMENT '-1: the pool itself, opened at expires_ms',
  owner varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
  epoch bigint NOT NULL,
  reserved bigint NOT NULL COMMENT 'ticks of the layout',
  expires_ms bigint NOT NULL COMMENT 'milliseconds since 1970',
  PRIMARY KEY (pool, worker_id)
) ENGINE=InnoDB`,
    ],
    [
      'leaf_ledger',
      `CREATE TABLE IF NOT EXISTS leaf_ledger (
  biz_tag varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  last_id bigint NOT NULL,
  first_id bigint NOT NULL,
  instance varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  leased_ms bigint NOT NULL COMMENT 'milliseconds since 1970',
  PRIMARY KEY (biz_tag, last_id, first_id, instance),
  KEY leased_ms (leased_ms)
) ENGINE=InnoDB`,
    ],
    [
      'leaf_returned',
      `CREATE TABLE IF NOT EXISTS leaf_returned (
  biz_tag varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  last_id bigint NOT NULL,
  first_id bigint NOT NULL,
  generation bigint NOT NULL,
  taken_by varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
  returned_ms bigint NOT NULL COMMENT 'milliseconds since 1970',
  PRIMARY KEY (biz_tag, last_id),
  KEY returned_ms (returned_ms)
) ENGINE=InnoDB`,
    ],
  ]),
  sqlite: new Map([
    [
      'leaf_alloc',
      `CREATE TABLE IF NOT EXISTS leaf_alloc (
  biz_tag varchar(128) NOT NULL DEFAULT '' PRIMARY KEY,
  max_id bigint NOT NULL DEFAULT 1,
  step int NOT NULL,
  description varchar(256) DEFAULT NULL,
  update_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
)`,
    ],
    [
      'leaf_tag',
      `CREATE TABLE IF NOT EXISTS leaf_tag (
  biz_tag varchar(128) NOT NULL PRIMARY KEY,
  mode varchar(16) NOT NULL DEFAULT 'segment',
  buffer varchar(16) DEFAULT NULL,
  max_value bigint NOT NULL DEFAULT 9223372036854775807,
  layout varchar(255) DEFAULT NULL,
  frozen_reason varchar(32) DEFAULT NULL,
  frozen_above bigint DEFAULT NULL,
  frozen_at timestamp DEFAULT NULL,
  deleted_max_id bigint NOT NULL DEFAULT 0,
  deleted_at timestamp DEFAULT NULL,
  generation bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0
)`,
    ],
    [
      'leaf_instance',
      `CREATE TABLE IF NOT EXISTS leaf_instance (
  name varchar(128) NOT NULL PRIMARY KEY,
  address varchar(255) NOT NULL,
  last_seen bigint NOT NULL
)`,
    ],
    [
      'leaf_worker',
      `CREATE TABLE IF NOT EXISTS leaf_worker (
  pool varchar(255) NOT NULL,
  worker_id int NOT NULL,
  owner varchar(128) DEFAULT NULL,
  epoch bigint NOT NULL,
  reserved bigint NOT NULL,
  expires_ms bigint NOT NULL,
  PRIMARY KEY (pool, worker_id)
)`,
    ],
    [
      'leaf_ledger',
      `CREATE TABLE IF NOT EXISTS leaf_ledger (
  biz_tag varchar(128) NOT NULL,
  last_id bigint NOT NULL,
  first_id bigint NOT NULL,
  instance varchar(128) NOT NULL,
  leased_ms bigint NOT NULL,
  PRIMARY KEY (biz_tag, last_id, first_id, instance),
  UNIQUE (leased_ms, biz_tag, last_id, first_id, instance)
)`,
    ],
    [
      'leaf_returned',
      `CREATE TABLE IF NOT EXISTS leaf_returned (
  biz_tag varchar(128) NOT NULL,
  last_id bigint NOT NULL,
  first_id bigint NOT NULL,
  generation bigint NOT NULL,
  taken_by varchar(128) DEFAULT NULL,
  returned_ms bigint NOT NULL,
  PRIMARY KEY (biz_tag, last_id),
  UNIQUE (returned_ms, biz_tag, last_id)
)`,
    ],
  ]),
}

/** The tables that the service needs and that are not there. @throws GolovesError STORE_UNAVAILABLE. */
export function missingTables(database: Database, signal: AbortSignal): Promise<string[]> {
  return database.run(signal, (session) => missingIn(session, database.dialect))
}

export async function createMissingTables(session: Session, dialect: Dialect): Promise<void> {
  for (const create of TABLES[dialect].values()) await session.run(create)
}

/** As `missingTables`, on a connection that is there. */
export async function missingIn(session: Session, dialect: Dialect): Promise<string[]> {
  const { rows } = await session.run(
    dialect === 'mysql'
      ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()'
      : `SELECT name FROM sqlite_master WHERE type = 'table'`,
  )
  const present = new Set(rows.map((row) => row['name']))
  return [...TABLES[dialect].keys()].filter((table) => !present.has(table))
}
