import type { JoinGroupAnswer } from '../../../ports/transport.ts'
import type { GroupMemberDependencies } from '../dependencies.ts'

type Transport = GroupMemberDependencies['transport']
type Api = keyof Transport
type Request<A extends Api> = Parameters<Transport[A]>[1]
type Answer<A extends Api> = Awaited<ReturnType<Transport[A]>>

/**
 * A coordinator that knows one member and answers well, except where the script says otherwise:
 * `next(api, answer)` replaces its next answer to that request.
 */
export class ScriptedCoordinator {
  readonly requests: {
    readonly api: Api
    readonly nodeId: number
    readonly request: Request<Api>
  }[] = []
  /** Who else is in the group, from the leader's point of view. */
  others: JoinGroupAnswer['members'] = []
  /** Null: the member leads, and gets what it assigns itself. */
  assignmentFromLeader: Buffer | null = null
  nodeId = 1
  lookups = 0
  generation = 0
  #nextMember = 1
  readonly #script = new Map<Api, ((request: never) => unknown)[]>()
  #known: number | null = null

  next<A extends Api>(
    api: A,
    answer: (request: Request<A>) => Answer<A> | Promise<Answer<A>>,
  ): void {
    const queue = this.#script.get(api) ?? []
    queue.push(answer)
    this.#script.set(api, queue)
  }

  sent<A extends Api>(api: A): readonly Request<A>[] {
    return this.requests
      .filter((sent) => sent.api === api)
      .map((sent) => sent.request as Request<A>)
  }

  readonly lookup = {
    nodeId: async (): Promise<number> => {
      if (this.#known === null) this.lookups += 1
      this.#known ??= this.nodeId
      return this.#known
    },
    invalidate: (): void => {
      this.#known = null
    },
  }

  readonly transport: Transport = {
    joinGroup: (nodeId, request) =>
      this.#answer('joinGroup', nodeId, request, () => {
        const failed = { generation: -1, protocolName: '', leaderId: '', members: [] }
        if (request.memberId === '' && request.groupInstanceId === null) {
          return { ...failed, errorCode: 79, memberId: `member-${this.#nextMember++}` }
        }
        const memberId = request.memberId === '' ? `member-${this.#nextMember++}` : request.memberId
        const protocol = request.protocols[0]!
        this.generation += 1
        const { groupInstanceId } = request
        const own = { memberId, groupInstanceId, metadata: protocol.metadata }
        const isLeader = this.assignmentFromLeader === null
        return {
          errorCode: 0,
          generation: this.generation,
          protocolName: protocol.name,
          leaderId: isLeader ? memberId : 'somebody-else',
          memberId,
          members: isLeader ? [own, ...this.others] : [],
        }
      }),
    syncGroup: (nodeId, request) =>
      this.#answer('syncGroup', nodeId, request, () => {
        const own = request.assignments.find(({ memberId }) => memberId === request.memberId)
        return {
          errorCode: 0,
          assignment: this.assignmentFromLeader ?? own?.assignment ?? Buffer.alloc(0),
        }
      }),
    heartbeat: (nodeId, request) =>
      this.#answer('heartbeat', nodeId, request, () => ({ errorCode: 0 })),
    leaveGroup: (nodeId, request) =>
      this.#answer('leaveGroup', nodeId, request, () => ({ errorCode: 0 })),
    offsetCommit: (nodeId, request) =>
      this.#answer('offsetCommit', nodeId, request, () =>
        request.offsets.map((offset) => ({ ...offset, errorCode: 0 })),
      ),
  }

  async #answer<A extends Api>(
    api: A,
    nodeId: number,
    request: Request<A>,
    otherwise: () => Answer<A>,
  ): Promise<Answer<A>> {
    this.requests.push({ api, nodeId, request })
    const scripted = this.#script.get(api)?.shift() as
      | ((request: Request<A>) => Answer<A>)
      | undefined
    return scripted === undefined ? otherwise() : scripted(request)
  }
}
