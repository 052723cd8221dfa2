/**
 * `orra`, the command line of a Plan Engine.
 *
 *   main, program, command   one run, the command tree, what all commands share
 *   commands/                one file per group of commands
 *   views/                   what the commands print
 *   output/                  tables, boxes, colours, JSON and YAML
 *   config/, session         projects and their API keys
 *   data, duration, argv     parsing of the command line
 *   plans/, plan-file        saving a plan as YAML or code, reading plan files
 *   errors, failure-message  error registry, exit codes, and how errors are printed
 *   reference                generates docs/cli.md
 */
export { runCli } from './main';
