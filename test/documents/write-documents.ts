import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../cmd/idgen/package-root.ts'
import { documents } from './documents.ts'

// node write-documents.ts: writes every document that is generated.

for (const { path, text } of documents()) writeFileSync(join(PACKAGE_ROOT, path), text)
