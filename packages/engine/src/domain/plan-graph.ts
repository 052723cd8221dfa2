/** Order of a plan's tasks, as it follows from what they wait for. */

export interface GraphTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** One cycle for each knot of tasks that wait for each other. */
export function findCycles(tasks: readonly GraphTask[]): string[][] {
  const dependencies = new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (id: string, path: readonly string[]): void => {
    const start = path.indexOf(id);
    if (start >= 0) cycles.push(path.slice(start));
    if (start >= 0 || done.has(id)) return;
    for (const next of dependencies.get(id) ?? []) visit(next, [...path, id]);
    done.add(id);
  };
  for (const id of dependencies.keys()) visit(id, []);
  return cycles;
}

/** Tasks by depth: those of one level can run side by side. Of a graph without cycles that knows all its tasks. */
export function levelsOf(tasks: readonly GraphTask[]): string[][] {
  const dependencies = new Map(tasks.map(({ id, dependsOn }) => [id, dependsOn]));
  const depths = new Map<string, number>();
  const depthOf = (id: string): number => {
    const depth = depths.get(id) ?? Math.max(0, ...(dependencies.get(id) ?? []).map((before) => depthOf(before) + 1));
    depths.set(id, depth);
    return depth;
  };
  const levels: string[][] = [];
  for (const { id } of tasks) (levels[depthOf(id)] ??= []).push(id);
  return levels;
}
