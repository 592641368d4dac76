/** Things that belong together, directly or through others (union-find). */
export class DisjointSets<T> {
  readonly #parents = new Map<T, T>()

  add(item: T): void {
    if (!this.#parents.has(item)) this.#parents.set(item, item)
  }

  join(left: T, right: T): void {
    this.add(left)
    this.add(right)
    this.#parents.set(this.#root(right), this.#root(left))
  }

  /** The sets, ordered by their first member's adding; members in the order of adding. */
  sets(): readonly (readonly T[])[] {
    const byRoot = new Map<T, T[]>()
    for (const item of this.#parents.keys()) {
      const root = this.#root(item)
      const members = byRoot.get(root)
      if (members) members.push(item)
      else byRoot.set(root, [item])
    }
    return [...byRoot.values()]
  }

  #root(item: T): T {
    let root = item
    for (let up = this.#parents.get(root); up !== undefined && up !== root; ) {
      root = up
      up = this.#parents.get(root)
    }
    return root
  }
}
