/**
 * `orra`, the command line of a Plan Engine.
 *
 *   main, program, command   one run, the command tree, what all commands share
 *   commands/                one file per group
 *   views/                   what they show
 *   output/                  tables, boxes, colours, JSON and YAML
 *   config/, session         projects and their keys
 *   data, duration, argv     what is written on the command line
 *   errors                   what went wrong and what to do next
 *   reference                docs/cli.md
 */
export type { ProcessIo, OutputStream } from './process-io';
export { processIo } from './process-io';
export { runCli } from './main';
export { renderReference } from './reference';
