/** The sources of an engine's plans in order: the request itself, defined plans, and the model if one is configured. */
import { definedPlanner, notActionable } from './defined-planner';
import { explicitPlanner } from './explicit-planner';
import { firstOf, type Planner } from './planner';

/** @param model default: a planner that rejects every action without a defined plan as not actionable */
export const planFrom = (model: Planner = notActionable): Planner => firstOf(explicitPlanner, definedPlanner, model);
