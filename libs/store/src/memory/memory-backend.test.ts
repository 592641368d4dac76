import { runBackendConformance } from '../conformance/backend-conformance.ts'
import { MemoryBackend } from './memory-backend.ts'

runBackendConformance({
  name: 'memory',
  supports: { reopening: false },
  create: async () => new MemoryBackend(),
})
