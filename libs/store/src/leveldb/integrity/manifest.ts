import { ByteReader } from './byte-reader.ts'
import { readLog } from './log-reader.ts'

/** The files that make up a database now. */
export interface LiveFiles {
  /** Size of each table file, by number. */
  readonly tables: ReadonlyMap<number, number>
  /** Write-ahead logs count from this number on, and the one of `previousLog`. */
  readonly logFrom: number
  readonly previousLog: number
}

/** Tags of a version edit (LevelDB's `version_edit.cc`). */
const tag = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
} as const

/** Folds the edits of a MANIFEST. Throws a RangeError where it is damaged. */
export function readManifest(bytes: Buffer): LiveFiles {
  const { records, damagedAt, isTornEnd } = readLog(bytes)
  if (damagedAt !== undefined && !isTornEnd) throw new RangeError(`damaged at byte ${damagedAt}`)
  const live: FoldedEdits = { tables: new Map(), logFrom: 0, previousLog: 0 }
  for (const record of records) foldEdit(live, new ByteReader(record))
  return live
}

interface FoldedEdits {
  tables: Map<number, number>
  logFrom: number
  previousLog: number
}

function foldEdit(live: FoldedEdits, edit: ByteReader): void {
  while (!edit.isAtEnd) {
    const found = edit.varint()
    switch (found) {
      case tag.comparator:
        edit.takeSized()
        break
      case tag.logNumber:
        live.logFrom = edit.varint()
        break
      case tag.previousLogNumber:
        live.previousLog = edit.varint()
        break
      case tag.nextFileNumber:
      case tag.lastSequence:
        edit.varint()
        break
      case tag.compactPointer:
        edit.varint()
        edit.takeSized()
        break
      case tag.deletedFile:
        edit.varint()
        live.tables.delete(edit.varint())
        break
      case tag.newFile:
        edit.varint()
        live.tables.set(edit.varint(), edit.varint())
        edit.takeSized()
        edit.takeSized()
        break
      default:
        throw new RangeError(`unknown edit ${found}`)
    }
  }
}
