import { MillraceError } from '@millrace/errors'
import type { StateBackend } from '../backend.ts'
import { identityKey, storeIdMax } from '../layout.ts'
import { checkRow, encodeRow, rowValue } from '../rows/row-codec.ts'
import type { StoreSpec } from '../store.ts'

/** Whose state a backend holds. */
export interface TaskIdentity {
  readonly applicationId: string
  /** `formatTaskId`'s, e.g. `0_3`. */
  readonly taskId: string
  /** Of the plan that writes the state. Compared by the runtime, never here. */
  readonly fingerprint: string
}

/** A store as it was recorded when it was first written. */
export interface RecordedStore {
  readonly id: number
  readonly kind: StoreSpec['kind']
  /** `StoreSpec.version` of the plan that wrote the state last. */
  readonly version: number
}

export interface RecordedIdentity extends TaskIdentity {
  readonly stores: ReadonlyMap<string, RecordedStore>
}

/** Layout of the backend as a whole; row and stamp formats carry versions of their own. */
const layoutVersion = 1

/**
 * Reads whose state a backend holds; `undefined` where it is empty. Throws
 * `MILLRACE_STORE_CORRUPT` where it holds something and does not say whose, and
 * `MILLRACE_STORE_VERSION` where another version laid it out.
 */
export async function readIdentity(backend: StateBackend): Promise<RecordedIdentity | undefined> {
  const bytes = backend.getSync(identityKey)
  if (bytes !== undefined) return decodeIdentity(bytes, backend.location)
  for await (const _ of backend.keys({ limit: 1 })) {
    throw new MillraceError('MILLRACE_STORE_CORRUPT', {
      message: `${backend.location} holds data and no record of whose it is`,
    })
  }
  return undefined
}

export function encodeIdentity(identity: RecordedIdentity): Buffer {
  const json = JSON.stringify({
    layoutVersion,
    ...identity,
    stores: [...identity.stores],
  })
  return encodeRow(identityKey, -1, 0, Buffer.from(json))
}

function decodeIdentity(bytes: Buffer, location: string): RecordedIdentity {
  checkRow(identityKey, bytes, location)
  try {
    const json = JSON.parse(rowValue(bytes).toString()) as IdentityJson
    if (json.layoutVersion === layoutVersion) return { ...json, stores: new Map(json.stores) }
    throw new MillraceError('MILLRACE_STORE_VERSION', {
      message: `${location} has layout ${json.layoutVersion}, this version reads ${layoutVersion}`,
    })
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause
    const message = `the identity in ${location} cannot be read`
    throw new MillraceError('MILLRACE_STORE_CORRUPT', { message, cause })
  }
}

interface IdentityJson extends TaskIdentity {
  readonly layoutVersion: number
  readonly stores: readonly (readonly [string, RecordedStore])[]
}

/** Throws `MILLRACE_STORE_FOREIGN` unless the state was written for this application and task. */
export function checkOwner(
  recorded: RecordedIdentity,
  wanted: TaskIdentity,
  location: string,
): void {
  const { applicationId, taskId } = recorded
  if (applicationId === wanted.applicationId && taskId === wanted.taskId) return
  throw new MillraceError('MILLRACE_STORE_FOREIGN', {
    message:
      `${location} holds the state of task ${taskId} of application ${applicationId}, ` +
      `wanted was task ${wanted.taskId} of ${wanted.applicationId}`,
  })
}

/**
 * The identity to record from now on: known stores keep their ids, new ones get ids never used
 * before, and stores that the plan has no longer stay recorded, so that their ids stay taken.
 * Throws `MILLRACE_STORE_KIND_CHANGED` where a known name now means a store of another kind.
 */
export function assignStoreIds(
  recorded: RecordedIdentity | undefined,
  wanted: TaskIdentity,
  specs: readonly StoreSpec[],
): RecordedIdentity {
  const stores = new Map(recorded?.stores)
  let idNext = 1 + Math.max(0, ...[...stores.values()].map((store) => store.id))
  for (const { name, kind, version } of specs) {
    const known = stores.get(name)
    if (known !== undefined && known.kind !== kind) {
      throw new MillraceError('MILLRACE_STORE_KIND_CHANGED', {
        message: `store ${name} was recorded as ${known.kind} and is now ${kind}`,
      })
    }
    stores.set(name, { id: known?.id ?? idNext++, kind, version })
  }
  if (idNext > storeIdMax + 1) {
    throw new MillraceError('MILLRACE_STORE_TOO_MANY', {
      message: `task ${wanted.taskId} would have store number ${idNext - 1} of ${storeIdMax}`,
    })
  }
  const { applicationId, taskId, fingerprint } = wanted
  return { applicationId, taskId, fingerprint, stores }
}
