/** Registry of the errors that more than one package throws. Each package adds its own in its `errors.ts`. */
import { defineErrors, errorBuilder } from './error-registry';

export const COMMON_ERRORS = defineErrors({
  ORRA_INVALID_OPTION: {
    cause: 'An option, a command line flag or an environment variable has a value that cannot be used.',
    remedy: 'Correct the value. The message names the option and its environment variable, and what they accept.',
  },
  ORRA_MISSING_OPTION: {
    cause: 'A required option is not set, and its environment variable is not set either.',
    remedy: 'Set the option or the environment variable that the message names.',
  },
  ORRA_INVALID_DURATION: {
    cause: 'A duration is neither a finite number of at least 0 nor a string with a unit.',
    remedy: "Write milliseconds (`30000`) or a string such as `'500ms'`, `'30s'`, `'5m'`, `'2h'` or `'7d'`.",
  },
  ORRA_UNREACHABLE: {
    cause:
      'No response arrived: the connection was refused or broke, the host is unknown, the timeout passed, or a proxy refused the request.',
    remedy:
      'Check that the engine runs at this URL (option `engine.url` or `url`, environment variable `ORRA_URL`), and the proxy if the message names one.',
    retryable: true,
  },
  ORRA_UNEXPECTED_RESPONSE: {
    cause: 'The server at the URL redirects, or responds with something that a Plan Engine does not send.',
    remedy: 'Set the URL of the engine itself (option `engine.url` or `url`, environment variable `ORRA_URL`).',
  },
  ORRA_UNAUTHORIZED: {
    cause: 'The engine does not accept the API key, or the key does not give access to what was requested.',
    remedy: 'Use a key of a project of this engine (option `apiKey`, environment variable `ORRA_API_KEY`).',
  },
  ORRA_NOT_ACTIONABLE: {
    cause: 'The planner found that the registered services cannot do the action.',
    remedy: 'Start the services that the action needs, describe what they do, or rephrase the action.',
  },
  ORRA_INVALID_PLAN: {
    cause: 'A plan breaks the rules of plans, or does not fit the services that it names.',
    remedy: 'Correct each place that the message names: task, field and problem.',
  },
  ORRA_INVALID_GROUNDING: {
    cause: 'A grounding lacks a required field, or has a value that is not allowed.',
    remedy: 'Correct the field that the message names.',
  },
  ORRA_GROUNDING_EXISTS: {
    cause: 'The project already has this version of this grounding.',
    remedy: 'Give the grounding a new version, or remove the stored one first.',
  },
  ORRA_UNKNOWN_GROUNDING: {
    cause: 'The project has no grounding with this name.',
    remedy: 'Take the name from the list of groundings (`groundings.list()`, `orra grounding ls`).',
  },
  ORRA_UNKNOWN_SERVICE: {
    cause: 'A registration contains the id of a service that this project does not have.',
    remedy: 'Register the service without an id. The SDK does this automatically.',
  },
  ORRA_INVALID_WEBHOOK: {
    cause:
      'A webhook URL is not an http or https URL, leads to an internal address, or exceeds the maximum number of webhooks.',
    remedy: 'Use a public http or https URL, or start the engine with `webhookTargets: "any"` (`WEBHOOK_TARGETS=any`).',
  },
  ORRA_UNKNOWN_PROJECT: {
    cause: 'No project has this id, or the CLI config has no project with this name.',
    remedy: 'Take the name from `orra projects ls`, or register the project with `orra projects add <name>`.',
  },
  ORRA_PROJECT_EXISTS: {
    cause: 'A project with this id or name already exists.',
    remedy: 'Choose another name, or use the existing project.',
  },
  ORRA_TASK_TIMEOUT: {
    cause:
      'An attempt of a task or of its revert had no outcome within its limit. This is also the reason of `task.signal` when the limit passes.',
    remedy: 'Stop the work when `task.signal` fires, or set a longer `timeout`.',
    wire: 'task failure',
  },
  ORRA_INTERRUPTED: {
    cause:
      "An earlier run of the task crashed, was lost or stopped after its signal fired, and the task is not started again (`onCrash: 'fail'`, or its orchestration has ended). Whether the task took effect is unknown.",
    remedy: 'Check the external system, then submit the action again if necessary.',
    wire: 'task failure',
  },
  ORRA_MISSING_REVERT_HANDLER: {
    cause: 'A task is to be reverted, and its service has no revert handler (any more).',
    remedy: 'Add a method with `@RevertHandler`, or resolve the failed compensation by hand.',
    wire: 'task failure',
  },
  ORRA_LISTEN_FAILED: {
    cause: 'The engine or the webhook receiver cannot listen on its port: it is in use, or not permitted.',
    remedy: 'Stop the process that uses the port, or choose another port or host (`--port`, `PORT`, `--host`, `HOST`).',
  },
});

export const commonError = errorBuilder(COMMON_ERRORS);
