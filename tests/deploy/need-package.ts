import type { TestContext } from 'vitest'
import type { SystemPackage } from '../../tools/test/system-packages.ts'

/** The package's folder; where it cannot be had, the test ends as skipped and says why. */
export function needPackage(context: TestContext, found: SystemPackage): string {
  return 'folder' in found ? found.folder : context.skip(found.missing)
}
