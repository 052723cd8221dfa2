/** Orders a plan's tasks by their dependencies. Ids that do not exist are ignored. */

export interface GraphTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

type Dependencies = ReadonlyMap<string, readonly string[]>;

function dependenciesIn(tasks: readonly GraphTask[]): Dependencies {
  const ids = new Set(tasks.map(({ id }) => id));
  return new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn.filter((before) => ids.has(before))]));
}

/**
 * Returns cycles, each as short as possible, so that every task that depends on itself through others is in one of
 * them.
 */
export function findCycles(tasks: readonly GraphTask[]): string[][] {
  const dependencies = dependenciesIn(tasks);
  const reported = new Set<string>();
  const cycles: string[][] = [];
  for (const id of dependencies.keys()) {
    const cycle = reported.has(id) ? undefined : shortestCycle(id, dependencies);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const member of cycle) reported.add(member);
  }
  return cycles;
}

/** Breadth-first search from a task through its dependencies back to itself. */
function shortestCycle(start: string, dependencies: Dependencies): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const before of dependencies.get(id) ?? []) {
      if (before === start) return wayTo(id, cameFrom);
      if (cameFrom.has(before)) continue;
      cameFrom.set(before, id);
      queue.push(before);
    }
  }
  return undefined;
}

function wayTo(id: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let at: string | undefined = id; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}

/** Groups tasks by depth; those of one level can run concurrently. Requires a graph without cycles. */
export function levelsOf(tasks: readonly GraphTask[]): string[][] {
  const depths = depthsOf(dependenciesIn(tasks));
  const levels: string[][] = [];
  for (const { id } of tasks) (levels[depths.get(id) as number] ??= []).push(id);
  return levels;
}

/** Returns the longest chain of dependent tasks, first to last. Requires a graph without cycles. */
export function longestChain(tasks: readonly GraphTask[]): string[] {
  const dependencies = dependenciesIn(tasks);
  const depths = depthsOf(dependencies);
  const deepest = (ids: readonly string[]): string | undefined =>
    ids.reduce<string | undefined>(
      (a, b) => (a === undefined || (depths.get(b) as number) > (depths.get(a) as number) ? b : a),
      undefined,
    );
  const chain: string[] = [];
  let id = deepest([...dependencies.keys()]);
  while (id !== undefined) {
    chain.unshift(id);
    id = deepest(dependencies.get(id) ?? []);
  }
  return chain;
}

/** Computes the length of the longest chain before each task. The recursion depth is at most the number of tasks. */
function depthsOf(dependencies: Dependencies): Map<string, number> {
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const depth = Math.max(0, ...(dependencies.get(id) ?? []).map((before) => depthOf(before) + 1));
    depths.set(id, depth);
    return depth;
  };
  for (const id of dependencies.keys()) depthOf(id);
  return depths;
}
