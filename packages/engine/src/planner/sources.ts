/** Where an engine's plans come from, in this order: the request itself, what is defined, a model where there is one. */
import { definedPlanner, notActionable } from './defined-planner';
import { explicitPlanner } from './explicit-planner';
import { firstOf, type Planner } from './planner';

/** @param model by default, actions without a plan are not actionable */
export const planFrom = (model: Planner = notActionable): Planner => firstOf(explicitPlanner, definedPlanner, model);
