/** The body of `PUT /plans/{name}`: a route of ours, so it is checked strictly. */
import { DefinedPlanSchema, nameProblem, parseValue, type DefinedPlan } from '@orra-ts/protocol';
import { JSON_MAX_DEPTH, isNestedTooDeep } from './json-depth';
import { WireFailure } from './wire-failure';

export function decodePlan(text: string, name: string): DefinedPlan {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalid('', `the body is not JSON: ${(error as Error).message}`);
  }
  if (isNestedTooDeep(text, body)) throw invalid('', `the body is nested more than ${JSON_MAX_DEPTH} levels deep`);
  const parsed = parseValue(DefinedPlanSchema, body);
  if (!parsed.ok) {
    const { path, message } = parsed.error;
    throw invalid(path, path === '' ? message : `${path}: ${message}`);
  }
  const problem = nameProblem(parsed.value.name);
  if (problem !== undefined) throw invalid('/name', `the plan's name ${JSON.stringify(parsed.value.name)} ${problem}`);
  if (parsed.value.name !== name) {
    throw invalid('/name', `the plan's name ${JSON.stringify(parsed.value.name)} is not that of the path, "${name}"`);
  }
  return parsed.value;
}

const invalid = (path: string, message: string): WireFailure =>
  new WireFailure(400, { kind: 'input validation error', ...(path === '' ? {} : { param: path.slice(1) }), message });
