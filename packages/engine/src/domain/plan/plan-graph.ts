/** Order of a plan's tasks, as it follows from what they wait for. Ids that no task has are passed over. */

export interface GraphTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

type Dependencies = ReadonlyMap<string, readonly string[]>;

function dependenciesIn(tasks: readonly GraphTask[]): Dependencies {
  const ids = new Set(tasks.map(({ id }) => id));
  return new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn.filter((before) => ids.has(before))]));
}

/** Cycles, each as short as it can be, so that every task that waits for itself through others is in one of them. */
export function findCycles(tasks: readonly GraphTask[]): string[][] {
  const dependencies = dependenciesIn(tasks);
  const told = new Set<string>();
  const cycles: string[][] = [];
  for (const id of dependencies.keys()) {
    const cycle = told.has(id) ? undefined : shortestCycle(id, dependencies);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const member of cycle) told.add(member);
  }
  return cycles;
}

/** From a task through what it waits for, nearest first, back to itself. */
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

/** Tasks by depth: those of one level can run side by side. Of a graph without cycles. */
export function levelsOf(tasks: readonly GraphTask[]): string[][] {
  const depths = depthsOf(dependenciesIn(tasks));
  const levels: string[][] = [];
  for (const { id } of tasks) (levels[depths.get(id) as number] ??= []).push(id);
  return levels;
}

/** The most tasks that wait for each other in a row, first to last. Of a graph without cycles. */
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

/** The number of tasks before each in its longest chain. Recursion goes as deep as a plan has tasks. */
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
